package web

import "net/url"

// consentBodyPath is an officer's page of who was told and who agreed.
const consentBodyPath = "/consents"

func consentBodyOf(body string) string {
	if body == "" {
		return consentBodyPath
	}
	return consentBodyPath + "?" + url.Values{"unit": {body}}.Encode()
}

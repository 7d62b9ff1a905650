package signin

import "strings"

// A device is told by the family of its browser and its system, the two words by
// which its owner knows it again. Versions and models are not kept: they tell one
// person's device from another's better than anybody here needs.
var (
	browsers = []struct{ sign, name string }{ // the first sign that is there wins
		{"Edg", "Edge"}, {"OPR", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"},
	}
	systems = []struct{ sign, name string }{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Macintosh", "Mac"}, {"Linux", "Linux"},
	}
)

// DeviceWords tells what a browser says it is: "Firefox/Windows", with nothing for
// a part nobody knows.
func DeviceWords(agent string) string {
	find := func(list []struct{ sign, name string }) string {
		for _, x := range list {
			if strings.Contains(agent, x.sign) {
				return x.name
			}
		}
		return ""
	}
	return find(browsers) + "/" + find(systems)
}

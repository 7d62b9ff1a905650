package directory

import "kartotek/internal/locale"

// law is what a country's law adds to the GDPR, and who watches over it. The names are
// as the country itself writes them (N6: the law as it stands today).
type law struct {
	act, actURL           string
	authority, authority2 string // the second is what people call it besides; "" for none
	authorityURL          string
}

// laws are those of the Nordic countries: general knowledge, to be confirmed by whoever
// runs the register.
var laws = map[string]law{
	"NO": {"Lov om behandling av personopplysninger (personopplysningsloven), LOV-2018-06-15-38", "https://lovdata.no/dokument/NL/lov/2018-06-15-38", "Datatilsynet", "", "https://www.datatilsynet.no/"},
	"DK": {"Lov om supplerende bestemmelser til databeskyttelsesforordningen (databeskyttelsesloven)", "https://www.retsinformation.dk/eli/lta/2024/289", "Datatilsynet", "", "https://www.datatilsynet.dk/"},
	"SE": {"Lag (2018:218) med kompletterande bestämmelser till EU:s dataskyddsförordning", "https://www.riksdagen.se/sv/dokument-och-lagar/dokument/svensk-forfattningssamling/lag-2018218-med-kompletterande-bestammelser_sfs-2018-218/", "Integritetsskyddsmyndigheten", "IMY", "https://www.imy.se/"},
	"FI": {"Dataskyddslag (1050/2018), tietosuojalaki", "https://www.finlex.fi/sv/lagstiftning/2018/1050", "Tietosuojavaltuutetun toimisto", "Dataombudsmannens byrå", "https://tietosuoja.fi/"},
	"IS": {"Lög um persónuvernd og vinnslu persónuupplýsinga, nr. 90/2018", "https://www.althingi.is/lagas/nuna/2018090.html", "Persónuvernd", "", "https://www.personuvernd.is/"},
}

// gdpr is where the regulation is read, in the reader's language where it exists in it.
func gdpr(lang string) string {
	tag := map[string]string{"da": "DA", "sv": "SV", "nb": "EN", "en": "EN"}[lang]
	if tag == "" {
		tag = "EN"
	}
	return "https://eur-lex.europa.eu/legal-content/" + tag + "/TXT/?uri=CELEX:32016R0679"
}

// Authority is the data protection authority of a country, and where it is found; the
// European board's list of them where the country is none of the Nordic ones.
func Authority(country string, p *locale.Printer) Link {
	of, known := laws[country]
	if !known {
		return Link{Text: p.T("privacy.authority"), URL: "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en"}
	}
	if of.authority2 != "" {
		return Link{Text: of.authority + " (" + of.authority2 + ")", URL: of.authorityURL}
	}
	return Link{Text: of.authority, URL: of.authorityURL}
}

package directory

import (
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// gdpr is where the regulation is read, in the reader's language where it exists in it.
func gdpr(lang string) string {
	tag := map[string]string{"da": "DA", "sv": "SV", "nb": "EN", "en": "EN"}[lang]
	if tag == "" {
		tag = "EN"
	}
	return "https://eur-lex.europa.eu/legal-content/" + tag + "/TXT/?uri=CELEX:32016R0679"
}

// Authority is whom a body's members can complain to, by the country of its seat (N6,
// GDPR Art. 77); the European board's list where no charter names one. 0 is the charter's
// own country.
func (s *Service) Authority(body unit.ID, p *locale.Printer) Link {
	at, _ := s.Units.Tree().ByID(body)
	return s.authority(s.country(at), p)
}

func (s *Service) authority(country string, p *locale.Printer) Link {
	if of, known := s.Charter.Authority(country); known {
		return Link{Text: of.Name.In(p.Lang()), URL: of.URL}
	}
	return Link{Text: p.T("privacy.authority"), URL: "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en"}
}

package mailing

import (
	"strings"

	"kartotek/internal/member"
)

func (d *Draft) manner() member.Manner {
	return member.Manner{Letters: d.Letters, Households: d.Households}
}

// text is a message with what stands below every one: who writes, why it came, and how
// that kind of mail is stopped. It names nobody, so it is the same for everybody but
// for the link.
func (s *Service) text(d *Draft, link string, byMail bool) string {
	words := s.Charter.Printer(d.Lang)
	body := s.Sender(words.Lang(), d.Unit)
	var b strings.Builder
	b.WriteString(d.Text + "\n\n")
	if byMail {
		b.WriteString("-- \n")
	}
	b.WriteString(words.T("mailing.footer.why", "body", body))
	p, known := s.Charter.Purpose(d.Purpose)
	switch {
	case !known:
	case p.Statutory:
		b.WriteString(" " + words.T("mailing.footer.statutory"))
	case p.Objection && byMail && link != "":
		b.WriteString("\n\n" + words.T("mailing.footer.stop", "purpose", p.Name.In(words.Lang())) + "\n" + link)
	case p.Objection:
		b.WriteString("\n\n" + words.T("mailing.footer.tell", "purpose", p.Name.In(words.Lang())))
	}
	return b.String()
}

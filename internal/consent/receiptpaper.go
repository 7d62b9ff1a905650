package consent

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// Signer signs receipts with the key that signs the register's ledger and its
// certificates, so that one published key checks all three.
type Signer interface {
	Attest(text []byte) [ed25519.SignatureSize]byte
	LedgerKey() ed25519.PublicKey
}

// signed is the text a receipt's signature is of. Its first line keeps it apart from
// every other text the same key signs.
func (r *Receipt) signed() []byte { return []byte("kartotek consent receipt 1\n" + r.Integrity.Digest) }

func (s *Service) sign(r *Receipt) {
	r.Integrity = ReceiptIntegrity{Algorithm: "SHA-256"}
	r.Integrity.Digest = r.digest()
	signature := s.Signer.Attest(r.signed())
	r.Integrity.Key, r.Integrity.Signature = s.Signer.LedgerKey(), signature[:]
}

// receiptName is the file inside the paper.
const receiptName = "consent-receipts.json"

// ReceiptsPDF are somebody's receipts on paper, in a language, with the signed file
// inside. It is made of the receipts alone, so that whoever checks one can make it again.
func ReceiptsPDF(receipts []Receipt, p *locale.Printer) ([]byte, error) {
	file, err := json.Marshal(receipts)
	if err != nil {
		return nil, err
	}
	var made time.Time
	sender := ""
	for i := range receipts {
		for _, e := range receipts[i].Events {
			if at, err := time.Parse(time.RFC3339, e.Time); err == nil && at.After(made) {
				made = at
			}
		}
		for _, party := range receipts[i].Parties {
			sender = party.Name
		}
	}
	var out bytes.Buffer
	title := p.T("consent.receipt.title")
	w := document.NewPaper(&out, document.PaperTexts{Sender: sender, Title: title, Page: p.T("extract.print.page"), Footer: title},
		&document.Attachment{Name: receiptName, About: title, Type: "application/json", Time: made, Contents: file},
		document.PDFOptions{Title: title, Language: p.Lang(), Time: made})
	for i := range receipts {
		if err := w.Write(receipts[i].Section(p)); err != nil {
			return nil, err
		}
	}
	if err := w.Write(document.Section{Heading: p.T("consent.receipt.check"), Paragraphs: []string{p.T("consent.receipt.check_text", "file", receiptName)}}); err != nil {
		return nil, err
	}
	err = w.Close() // what it ends with is written here
	return out.Bytes(), err
}

// Section is a receipt in words: what was agreed to, who answers, what happened.
func (r *Receipt) Section(p *locale.Printer) document.Section {
	s := document.Section{Paragraphs: []string{r.Processing.Notice.Text}}
	item := func(key, value string) {
		if value != "" {
			s.Items = append(s.Items, p.T("consent.receipt."+key, "value", value))
		}
	}
	for _, purpose := range r.Processing.Purposes {
		s.Heading = purpose.Purpose
		item("basis", purpose.Basis)
		item("information", p.List(purpose.Information))
		item("recipients", p.List(purpose.Recipients))
		item("kept", purpose.Retention)
	}
	for _, party := range r.Parties {
		item("controller", party.Name)
	}
	for _, e := range r.Events {
		at := e.Time
		if t, err := time.Parse(time.RFC3339, e.Time); err == nil {
			at = p.DateTime(t, time.UTC) + " UTC"
		}
		word := strings.NewReplacer("consent ", "", "-", "_").Replace(e.State)
		if p.Has("consent.receipt.event." + word) {
			word = p.T("consent.receipt.event." + word)
		}
		how := ""
		if e.How != "" && p.Has("consent.how."+e.How) {
			how = ", " + p.T("consent.how."+e.How)
		}
		s.Items = append(s.Items, word+": "+at+how)
	}
	s.After = []string{r.Processing.Withdrawal}
	s.Codes = []string{
		p.T("consent.receipt.shown", "sum", r.Processing.Notice.SHA256), p.T("consent.receipt.digest", "sum", r.Integrity.Digest),
		p.T("consent.receipt.key", "key", base64.StdEncoding.EncodeToString(r.Integrity.Key)),
	}
	return s
}

// Checked is what a check of one receipt found.
type Checked struct {
	Record string `json:"record"`
	Whole  bool   `json:"whole"`  // as it was made
	Signed bool   `json:"signed"` // by whoever has the key inside, or the key given
}

// Sound reports whether a receipt can be relied on.
func (c *Checked) Sound() bool { return c.Whole && c.Signed }

// VerifyReceipts checks receipts, in JSON or on paper, without a register, as a
// certificate is checked: with a key from outside it says whose they are; without one,
// that nothing was changed since whoever has the key inside signed. Of a PDF the pages
// are made again from what is signed, so that no page says something else.
func VerifyReceipts(file []byte, key ed25519.PublicKey) ([]Checked, error) {
	var objects []document.PDFObject
	text := file
	wrong := fault.New(fault.Invalid, "consent.error.receipt")
	if bytes.HasPrefix(file, []byte("%PDF-")) {
		var err error
		if objects, err = document.TakeApart(file); err != nil {
			return nil, wrong.Because(err)
		}
		inside := slices.IndexFunc(objects, func(o document.PDFObject) bool { _, is := o.Attached(); return is })
		if inside < 0 {
			return nil, wrong
		}
		text = objects[inside].Stream
	}
	all, err := readReceipts(text)
	if err != nil {
		return nil, err
	}
	pages := objects == nil
	for _, lang := range locale.Languages() {
		if pages {
			break
		}
		again, err := ReceiptsPDF(all, locale.For(lang))
		if err != nil {
			return nil, err
		}
		same, err := document.TakeApart(again)
		pages = err == nil && document.SamePDF(objects, same)
	}
	checked := make([]Checked, len(all))
	for i := range all {
		r := &all[i]
		checked[i] = Checked{
			Record: r.Header.Record, Whole: pages && r.Integrity.Algorithm == "SHA-256" && r.digest() == r.Integrity.Digest,
			Signed: vault.Attested(r.Integrity.Key, r.signed(), r.Integrity.Signature) && (key == nil || key.Equal(ed25519.PublicKey(r.Integrity.Key))),
		}
	}
	return checked, nil
}

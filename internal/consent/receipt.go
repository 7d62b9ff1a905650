package consent

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// ReceiptSchema names the form of the receipts: the consent record information
// structure of ISO/IEC TS 27560, written as JSON.
const ReceiptSchema = "ISO-27560-2023"

// Receipt is one consent as its person takes it away: everything that proves it, and a
// digest by which anybody finds out offline whether it was changed.
type Receipt struct {
	Header     ReceiptHeader     `json:"header"`
	Processing ReceiptProcessing `json:"processing"`
	Parties    []ReceiptParty    `json:"party_identification"`
	Events     []ReceiptEvent    `json:"event"`
	Integrity  ReceiptIntegrity  `json:"integrity"`
}

// ReceiptHeader tells records apart.
type ReceiptHeader struct {
	Schema    string `json:"schema_version"`
	Record    string `json:"record_id"`
	Principal string `json:"pii_principal_id"` // the public id: it tells nothing without the register
}

// ReceiptProcessing is what was agreed to.
type ReceiptProcessing struct {
	Notice     ReceiptNotice    `json:"privacy_notice"`
	Purposes   []ReceiptPurpose `json:"purposes"`
	Withdrawal string           `json:"withdrawal_method"`
	Rights     []string         `json:"privacy_rights"`
}

// ReceiptNotice is what was shown.
type ReceiptNotice struct {
	Text    string `json:"text"`
	SHA256  string `json:"sha256,omitempty"`
	Lang    string `json:"language,omitempty"`
	Version string `json:"version,omitempty"` // of the declaration: its body and number
}

// ReceiptPurpose is one purpose with its basis.
type ReceiptPurpose struct {
	Purpose     string   `json:"purpose"`
	Basis       string   `json:"lawful_basis"`
	Information []string `json:"pii_information"`
	Controllers []string `json:"pii_controllers"`
	Method      string   `json:"consent_method"`
	Recipients  []string `json:"recipient_third_parties,omitempty"`
	Retention   string   `json:"retention_period"`
	Country     string   `json:"jurisdictions"`
}

// ReceiptParty is who answers.
type ReceiptParty struct {
	ID   string `json:"party_id"`
	Name string `json:"party_name"`
	Type string `json:"party_type"`
}

// ReceiptEvent is one thing that happened to the consent.
type ReceiptEvent struct {
	Time  string `json:"event_time"`
	Type  string `json:"event_type"` // explicit, withdrawn, …
	State string `json:"event_state"`
	Until string `json:"validity_duration,omitempty"`
	Who   string `json:"entity_id"` // principal, or controller who entered a paper
	How   string `json:"collection_method,omitempty"`
}

// ReceiptIntegrity is the SHA-256 over the receipt without all of this, and the
// register's signature of it: a digest alone is made again by whoever changes something.
type ReceiptIntegrity struct {
	Algorithm string `json:"algorithm"`
	Digest    string `json:"digest"`
	Key       []byte `json:"key,omitempty"`       // base64, Ed25519: the register's
	Signature []byte `json:"signature,omitempty"` // of the digest
}

// Receipts are those of all a person's consents, withdrawn ones too, the newest first.
// The person asks, or whoever may change their card, which is journaled.
func (s *Service) Receipts(ctx context.Context, by access.Actor, person vault.PersonID, public, lang string) ([]Receipt, error) {
	all, err := s.Of(ctx, by, person)
	if err != nil {
		return nil, err
	}
	receipts := make([]Receipt, len(all))
	for i := range all {
		receipts[i] = s.receipt(person, &all[i], public, lang)
	}
	return receipts, nil
}

func (s *Service) receipt(person vault.PersonID, c *Consent, public, lang string) Receipt {
	p := s.Charter.Printer(lang)
	controller := s.controller(person, c.Version.Unit)
	party := strconv.FormatInt(int64(controller.ID), 10)
	purpose := ReceiptPurpose{
		Purpose: c.Code, Basis: "GDPR Art. 6(1)(a)", Controllers: []string{party}, Method: "explicit: " + c.How, Information: []string{},
		Retention: p.T("consent.receipt.retention", "years", s.Charter.Parameters.EvidenceYears.Value), Country: s.Charter.Country,
	}
	if k, known := s.Charter.Consent(c.Code); known {
		purpose.Purpose = k.Name.In(p.Lang())
		if k.Basis9 != "" {
			purpose.Basis += ", Art. " + k.Basis9
		}
		for _, code := range k.Fields {
			if f, known := s.Charter.Field(code); known {
				purpose.Information = append(purpose.Information, f.Name.In(p.Lang()))
			}
		}
		if k.Recipient != nil {
			purpose.Recipients = []string{k.Recipient.Name.In(p.Lang())}
		}
	}
	notice := ReceiptNotice{Text: c.Asked, SHA256: c.Hash, Lang: c.Lang}
	if c.Version.Number > 0 {
		notice.Version = strconv.FormatInt(int64(c.Version.Unit), 10) + "/" + strconv.FormatInt(c.Version.Number, 10)
	}
	r := Receipt{
		Header:     ReceiptHeader{Schema: ReceiptSchema, Record: strconv.FormatUint(c.ID, 10), Principal: public},
		Processing: ReceiptProcessing{Notice: notice, Purposes: []ReceiptPurpose{purpose}, Withdrawal: p.T("consent.back"), Rights: []string{"GDPR Art. 7(3)", "Art. 15", "Art. 16", "Art. 17", "Art. 18", "Art. 20", "Art. 77"}},
		Parties:    []ReceiptParty{{ID: party, Name: controller.Name, Type: "PII controller"}},
		Events:     c.events(person),
	}
	s.sign(&r)
	return r
}

// events tells what happened to a consent, in its order.
func (c *Consent) events(person vault.PersonID) []ReceiptEvent {
	who := func(by vault.PersonID) string {
		if by == person {
			return "principal"
		}
		return "controller"
	}
	given := ReceiptEvent{Time: stamp(c.GivenAt), Type: "explicit", State: "consent given", Who: who(c.GivenBy), How: c.How}
	if !c.EndsAt.IsZero() {
		given.Until = stamp(c.EndsAt)
	}
	all := []ReceiptEvent{given}
	for _, e := range []struct {
		at    time.Time
		state string
	}{{c.AgainAt, "consent requested"}, {c.RenewedAt, "consent re-affirmed"}} {
		if !e.at.IsZero() {
			all = append(all, ReceiptEvent{Time: stamp(e.at), Type: "notice", State: e.state, Who: "controller"})
		}
	}
	if !c.WithdrawnAt.IsZero() {
		all = append(all, ReceiptEvent{Time: stamp(c.WithdrawnAt), Type: "explicit", State: "consent withdrawn", Who: who(c.WithdrawnBy), How: c.WithdrawnHow})
	}
	return all
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// controller is the body that answers for a person's consent: the one whose
// declaration stood, else the nearest of theirs that is controller (L10).
func (s *Service) controller(person vault.PersonID, declared unit.ID) unit.Unit {
	tree := s.Units.Tree()
	if u, known := tree.ByID(declared); known {
		return u
	}
	for _, body := range s.Members.Units(person) {
		path := tree.Path(body)
		for _, u := range slices.Backward(path) {
			if level, known := s.Charter.Level(u.Level); known && (level.Controller == charter.ControllerAlone || level.Controller == charter.ControllerJoint) {
				return u
			}
		}
	}
	root, _ := tree.Root()
	return root
}

// digest is over the receipt's compact JSON with an empty digest.
func (r Receipt) digest() string {
	r.Integrity = ReceiptIntegrity{Algorithm: r.Integrity.Algorithm}
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts alone
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// readReceipts reads receipts from JSON.
func readReceipts(file []byte) ([]Receipt, error) {
	var all []Receipt
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		return nil, fault.New(fault.Invalid, "consent.error.receipt").Because(err)
	}
	return all, nil
}

package signin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// relyingParty says to whom passkeys belong: the host of the house's address. It is
// nil where no browser makes any: passkeys need https, or the name localhost.
func relyingParty(address string) (site string, w *webauthn.WebAuthn, err error) {
	at, err := url.Parse(address)
	if err != nil || at.Hostname() == "" {
		return "Kartotek", nil, nil // mails name no page, so nobody signs in by one
	}
	host, origin := at.Hostname(), at.Scheme+"://"+at.Host
	if ip := net.ParseIP(host); ip != nil {
		if !ip.IsLoopback() {
			return host, nil, nil
		}
		host, origin = "localhost", "http://localhost" // an address is no name; the page says where to go
		if at.Port() != "" {
			origin += ":" + at.Port()
		}
	} else if at.Scheme != "https" && host != "localhost" {
		return host, nil, nil
	}
	w, err = webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "Kartotek", RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return "", nil, fmt.Errorf("signin: passkeys at %s: %w", host, err)
	}
	return host, w, nil
}

// PasskeySite is the host that passkeys are bound to; "" where there are none.
func (s *Service) PasskeySite() string {
	if s.passkeys == nil {
		return ""
	}
	return s.passkeys.Config.RPID
}

// Ceremony is what a browser asks a passkey, and the secret under which the answer
// comes back.
type Ceremony struct {
	Ticket  string `json:"ticket"`
	Options any    `json:"options"`
}

// holder is a person as passkeys know them. Names stay off: they would lie in a
// phone's list of passkeys, beside the name of the register (L1).
type holder struct {
	handle []byte
	site   string
	owned  []record.Item[Factor]
}

func (h *holder) WebAuthnID() []byte          { return h.handle }
func (h *holder) WebAuthnName() string        { return h.site }
func (h *holder) WebAuthnDisplayName() string { return h.site }

func (h *holder) WebAuthnCredentials() []webauthn.Credential {
	var all []webauthn.Credential
	for i := range h.owned {
		f := &h.owned[i].Value
		if f.Kind != Passkey {
			continue
		}
		c := webauthn.Credential{
			ID: f.Credential, PublicKey: f.Public, AttestationFormat: f.Format,
			Flags:         webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(f.Flags)),
			Authenticator: webauthn.Authenticator{AAGUID: f.Maker, SignCount: f.Signs},
		}
		for _, way := range f.Transports {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(way))
		}
		all = append(all, c)
	}
	return all
}

func (s *Service) holder(q database.Querier, person vault.PersonID) (*holder, error) {
	account, err := s.account(q, person)
	if err != nil {
		return nil, err
	}
	h := &holder{handle: account.Handle, site: s.site}
	h.owned, err = record.All(s.o.Records, q, Factors, person)
	return h, err
}

// errNoPasskeys says what passkeys need.
func errNoPasskeys() error { return fault.New(fault.Conflict, "signin.error.no_passkeys") }

// NewPasskey begins the making of a passkey. Errors: Conflict where browsers make none.
func (s *Service) NewPasskey(ctx context.Context, person vault.PersonID) (Ceremony, error) {
	if s.passkeys == nil {
		return Ceremony{}, errNoPasskeys()
	}
	var h *holder
	err := s.db.Write(ctx, func(tx *database.Tx) (err error) {
		if h, err = s.holder(tx, person); err != nil || len(h.handle) > 0 {
			return err
		}
		h.handle = s.cover("signin.handle", person, 0)
		return s.changeAccount(tx, person, func(a *Account) { a.Handle = h.handle })
	})
	if err != nil {
		return Ceremony{}, err
	}
	var known []protocol.CredentialDescriptor
	for _, c := range h.WebAuthnCredentials() {
		known = append(known, c.Descriptor())
	}
	options, asked, err := s.passkeys.BeginRegistration(h, webauthn.WithExclusions(known))
	if err != nil {
		return Ceremony{}, err
	}
	return s.ask(ctx, options.Response, asked, person)
}

func (s *Service) changeAccount(tx *database.Tx, person vault.PersonID, edit func(*Account)) error {
	a, err := s.account(tx, person)
	if err != nil {
		return err
	}
	edit(&a)
	return record.Put(s.o.Records, tx, Accounts, person, one, &a)
}

// ask keeps what was asked until the answer comes.
func (s *Service) ask(ctx context.Context, options any, asked *webauthn.SessionData, persons ...vault.PersonID) (Ceremony, error) {
	data, err := json.Marshal(asked)
	if err != nil {
		return Ceremony{}, err
	}
	c := Ceremony{Ticket: newTicket(), Options: options}
	return c, s.keepTicket(ctx, forPasskey, c.Ticket, pass{persons: persons, data: data}, ceremonyLife)
}

// answered takes back what was asked; each question is answered once.
func (s *Service) answered(tx *database.Tx, ticket string, persons ...vault.PersonID) (asked webauthn.SessionData, err error) {
	d := s.drawer(forPasskey, ticket)
	_, p, err := s.ticket(tx, d)
	if err != nil {
		return asked, err
	}
	if !slices.Equal(p.persons, persons) {
		return asked, fault.New(fault.Gone, "signin.error.over")
	}
	if err := deleteTicket(tx, d.id); err != nil {
		return asked, err
	}
	return asked, json.Unmarshal(p.data, &asked)
}

// AddPasskey makes a passkey a factor of the person. Errors: Invalid, Gone.
func (s *Service) AddPasskey(ctx context.Context, person vault.PersonID, ticket string, response []byte, name string) error {
	if s.passkeys == nil {
		return errNoPasskeys()
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return refusedKey()
	}
	return s.told(ctx, person, "signin.told.added_passkey", func(tx *database.Tx) error {
		asked, err := s.answered(tx, ticket, person)
		if err != nil {
			return err
		}
		h, err := s.holder(tx, person)
		if err != nil {
			return err
		}
		made, err := s.passkeys.CreateCredential(h, asked, answer)
		if err != nil {
			return refusedKey()
		}
		for _, c := range h.WebAuthnCredentials() {
			if bytes.Equal(c.ID, made.ID) {
				return fault.New(fault.Conflict, "signin.error.key_known")
			}
		}
		f := Factor{
			Kind: Passkey, Name: name, Credential: made.ID, Public: made.PublicKey, Format: made.AttestationFormat,
			Flags: uint8(made.Flags.ProtocolValue()), Signs: made.Authenticator.SignCount, Maker: made.Authenticator.AAGUID,
			Added: tx.Now(), Used: tx.Now(),
		}
		for _, way := range made.Transport {
			f.Transports = append(f.Transports, string(way))
		}
		return s.addFactor(tx, person, &f, "signin.journal.added_passkey")
	})
}

func refusedKey() error { return fault.New(fault.Invalid, "signin.error.key") }

// AskPasskey asks for a passkey of a person, or with 0 of whoever is there; then
// the visitor's network is counted. Errors: TooMany, Conflict where browsers have none.
func (s *Service) AskPasskey(ctx context.Context, person vault.PersonID, remote string) (Ceremony, error) {
	if s.passkeys == nil {
		return Ceremony{}, errNoPasskeys()
	}
	if person == 0 {
		if wait := s.codes.wait(remote); wait > 0 {
			return Ceremony{}, tooMany("signin.error.busy", wait)
		}
		s.codes.take(remote)
		options, asked, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			return Ceremony{}, err
		}
		return s.ask(ctx, options.Response, asked)
	}
	var h *holder
	err := s.db.Read(ctx, func(q database.Querier) (err error) {
		h, err = s.holder(q, person)
		return err
	})
	if err != nil {
		return Ceremony{}, err
	}
	if len(h.WebAuthnCredentials()) == 0 {
		return Ceremony{}, fault.New(fault.Conflict, "signin.error.key")
	}
	options, asked, err := s.passkeys.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return s.ask(ctx, options.Response, asked, person)
}

// ProvePasskey takes a passkey's answer: of the person that was asked, or with 0 of
// whoever holds it, who is then signed in by it alone, since it makes sure itself
// who is there. Errors: Invalid, Gone.
func (s *Service) ProvePasskey(ctx context.Context, person vault.PersonID, ticket string, response []byte) (Result, error) {
	if s.passkeys == nil {
		return Result{}, errNoPasskeys()
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Result{}, refusedKey()
	}
	var result Result
	var refused error
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		result, refused = Result{}, nil
		who := person
		persons := []vault.PersonID{}
		if person != 0 {
			persons = append(persons, person)
		}
		asked, err := s.answered(tx, ticket, persons...)
		if err != nil {
			return err
		}
		if person == 0 {
			known := false
			if who, _, known = s.uncover("signin.handle", answer.Response.UserHandle); !known || len(s.present([]vault.PersonID{who})) == 0 {
				refused = refusedKey()
				return nil
			}
		}
		h, err := s.holder(tx, who)
		if err != nil {
			return err
		}
		var used *webauthn.Credential
		if person == 0 {
			used, err = s.passkeys.ValidateDiscoverableLogin(func([]byte, []byte) (webauthn.User, error) { return h, nil }, asked, answer)
		} else {
			used, err = s.passkeys.ValidateLogin(h, asked, answer)
		}
		if err == nil && used.Authenticator.CloneWarning {
			err = errors.New("signin: a passkey counts backwards")
		}
		if err != nil {
			refused = refusedKey()
			return s.failed(tx, "signin.journal.key", who)
		}
		for _, f := range h.owned {
			if bytes.Equal(f.Value.Credential, used.ID) {
				f.Value.Signs, f.Value.Used = used.Authenticator.SignCount, tx.Now()
				if err := record.Put(s.o.Records, tx, Factors, who, f.ID, &f.Value); err != nil {
					return err
				}
			}
		}
		result.Person = who
		return s.note(tx, journal.SignIn, who, "signin.journal.passkey")
	})
	return result, errors.Join(err, refused)
}

package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"kartotek/internal/vault"
)

const (
	// Lifetime is how long a session lasts at most, for SessionManager.Lifetime.
	// Leave SessionManager.IdleTimeout at 0: Sessions keeps Idle itself, without
	// writing at every page.
	Lifetime = 12 * time.Hour
	// Idle ends a session of somebody with access that is not used for so long.
	Idle = 30 * time.Minute
)

// Session is all that is kept between two pages.
type Session struct {
	Person vault.PersonID // who; 0: nobody is signed in
	As     uint64         // the post or position chosen to act in; 0: whichever gives the right
	Lang   string
	Half   string // an open choice (Result.Choice); empty otherwise
	Access bool   // the person has access to others' data: the session idles out

	Proved time.Time // when a code by mail or a passkey was shown last; zero after a remembered device
	Second time.Time // when a second factor was shown last; zero before
	Ready  bool      // what access asks for has been shown in this session
	Demo   bool      // by a link of the demo, which asks for nothing
	Setup  string    // a factor or an address that is being made; never for a URL
	Then   string    // where a second factor was asked for
	What   string    // the browser's and the system's names
}

// Values is what a session is held in while a page is made; *scs.SessionManager is one.
type Values interface {
	Get(ctx context.Context, key string) any
	Put(ctx context.Context, key string, value any)
}

// valueKey is the only key in the values of a session.
const valueKey = "signin"

// Current gives the session of a page's context; the zero Session when there is none.
func Current(ctx context.Context, v Values) Session {
	session, _ := v.Get(ctx, valueKey).(Session)
	return session
}

// Keep puts the session back. Renew the token first when Person or Half changes.
func (s Session) Keep(ctx context.Context, v Values) { v.Put(ctx, valueKey, s) }

// Codec gives sessions their binary form, for SessionManager.Codec. It refuses
// every value but a Session: what is not declared above is not kept.
type Codec struct{}

const (
	sessionDeadline protowire.Number = iota + 1 // Unix microseconds
	sessionPerson
	sessionAs
	sessionLang
	sessionHalf
	sessionAccess
	sessionProved
	sessionSecond
	sessionReady
	sessionDemo
	sessionSetup
	sessionThen
	sessionWhat
)

// Encode implements scs.Codec.
func (Codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	var s Session
	for key, value := range values {
		session, ok := value.(Session)
		if key != valueKey || !ok {
			return nil, fmt.Errorf("signin: a session keeps no %q", key)
		}
		s = session
	}
	number := func(b []byte, field protowire.Number, n uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), n)
	}
	text := func(b []byte, field protowire.Number, t string) []byte {
		return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), t)
	}
	b := number(nil, sessionDeadline, uint64(deadline.UnixMicro()))
	b = number(b, sessionPerson, uint64(s.Person))
	b = number(b, sessionAs, s.As)
	b = text(b, sessionLang, s.Lang)
	b = text(b, sessionHalf, s.Half)
	b = number(b, sessionAccess, protowire.EncodeBool(s.Access))
	b = number(b, sessionProved, micros(s.Proved))
	b = number(b, sessionSecond, micros(s.Second))
	b = number(b, sessionReady, protowire.EncodeBool(s.Ready))
	b = number(b, sessionDemo, protowire.EncodeBool(s.Demo))
	b = text(b, sessionSetup, s.Setup)
	b = text(b, sessionThen, s.Then)
	return text(b, sessionWhat, s.What), nil
}

// Decode implements scs.Codec.
func (Codec) Decode(b []byte) (time.Time, map[string]any, error) {
	deadline, s, err := decodeSession(b)
	return deadline, map[string]any{valueKey: s}, err
}

func decodeSession(b []byte) (deadline time.Time, s Session, err error) {
	err = fields(b, func(number protowire.Number, text []byte, n uint64) {
		switch number {
		case sessionDeadline:
			deadline = time.UnixMicro(int64(n)).UTC()
		case sessionPerson:
			s.Person = vault.PersonID(n)
		case sessionAs:
			s.As = n
		case sessionLang:
			s.Lang = string(text)
		case sessionHalf:
			s.Half = string(text)
		case sessionAccess:
			s.Access = protowire.DecodeBool(n)
		case sessionProved:
			s.Proved = moment(n)
		case sessionSecond:
			s.Second = moment(n)
		case sessionReady:
			s.Ready = protowire.DecodeBool(n)
		case sessionDemo:
			s.Demo = protowire.DecodeBool(n)
		case sessionSetup:
			s.Setup = string(text)
		case sessionThen:
			s.Then = string(text)
		case sessionWhat:
			s.What = string(text)
		}
	})
	if err == nil && deadline.IsZero() {
		err = errors.New("signin: a session without an end")
	}
	return deadline, s, err
}

// micros is a moment in a session, whose fields are always all written: sessions are of
// one length.
func micros(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(t.UnixMicro())
}

func moment(micros uint64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(micros)).UTC()
}

package cli

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"kartotek/internal/database/databasetest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kartotek": func() { os.Exit(Main()) }})
}

// The scripts run the real program, each in a directory of its own. Beside the
// usual commands of testscript they have:
//
//	exits CODE kartotek …   the program ends with exactly that code
//	house                   a small party: see founding below
//	capture NAME REGEXP     the first group of what was printed last, as $NAME
//	await FILE              waits until the file is there
//	dial ADDR               somebody listens there
//	applies ADDR UNIT GIVEN FAMILY EMAIL
//	                        somebody fills in the open form of a demo and confirms
func TestScripts(t *testing.T) {
	there, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("ADA", "ada@sekretariat.example")
			e.Setenv("METTE", "mette@sekretariat.example")
			e.Setenv("JAKOB", "jakob@sekretariat.example")
			e.Setenv("CHAIR", "carl@example.dk")
			now := time.Now().In(there) // the charters' days, not UTC's
			e.Setenv("YESTERDAY", now.AddDate(0, 0, -1).Format(time.DateOnly))
			e.Setenv("TODAY", now.Format(time.DateOnly))
			e.Setenv("SOON", now.AddDate(0, 0, 80).Format(time.DateOnly))
			e.Setenv("LATER", now.AddDate(0, 6, 0).Format(time.DateOnly))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"house":   house,
			"capture": capture,
			"await":   await,
			"dial":    dial,
			"applies": applies,
		},
	})
}

// The same register on PostgreSQL.
func TestScriptOnPostgreSQL(t *testing.T) {
	dsn := databasetest.DSN(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/postgresql",
		Setup: func(e *testscript.Env) error {
			e.Setenv("DSN", dsn)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "capture": capture},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// founding makes a party with a secretariat of three, two associations and a
// board, by the commands everybody has.
var founding = [][]string{
	{"init", "--charter", "party-dk", "--admin", "$ADA", "--given", "Ada", "--family", "Admin"},
	{"staff", "add", "--email", "$METTE", "--given", "Mette", "--family", "Service", "--position", "member-service", "--ground", "keeps the members", "--as", "$ADA"},
	{"staff", "add", "--email", "$JAKOB", "--given", "Jakob", "--family", "Service", "--position", "member-service", "--ground", "keeps the members", "--as", "$ADA"},
	{"unit", "import", "founding-units.csv"},
	{"import", "founding-members.csv", "--as", "$METTE"},
	{"post", "add", "2001", "--post", "chair", "--unit", "gentofte", "--ground", "elected", "--as", "$METTE"},
	{"post", "add", "2002", "--post", "membership-officer", "--unit", "gentofte", "--ground", "elected", "--as", "$METTE"},
}

const foundingUnits = `code,name,level,parent
nord,Nordsjællands Storkreds,region,partiet
gentofte,Gentofte,local,nord
lyngby,Lyngby,local,nord
`

const foundingMembers = `Medlemsnummer;Fornavn;Efternavn;Født;Adresse;Postnr.;By;E-mail;Telefon;Mobil;Indmeldt;Vælgerforening
2001;Carl;Formandsen;01-02-1960;Ellevej 1;2820;Gentofte;carl@example.dk;;20 11 22 33;2010-01-01;Gentofte
2002;Grethe;Medlemsgaard;;Ellevej 2;2820;Gentofte;familie@example.dk;;;;Gentofte
2003;Hans;Medlemsgaard;;Ellevej 2;2820;Gentofte;familie@example.dk;;;;Gentofte
2004;Søren Åge;Østergård-Quistorff;23-09-1961;Bregnebjerglundvej 117, 3. tv.;2820;Gentofte;soeren.quistorff@example.dk;39 68 47 95;+47 412 34 567;01-03-2009;Gentofte
2005;Yrsa;Yding;;;;;yrsa@example.dk;;;;Lyngby
`

// founded are the files of that party: the first script that asks for it founds it,
// the others go on from where it stood.
var founded struct {
	sync.Mutex
	files map[string][]byte
}

func house(ts *testscript.TestScript, _ bool, _ []string) {
	founded.Lock()
	defer founded.Unlock()
	if founded.files == nil {
		begin(ts)
		files := map[string][]byte{}
		top := os.DirFS(ts.MkAbs("."))
		for _, pattern := range []string{"founding-*.csv", "kartotek-data/*", "kartotek-keys/*"} {
			names, err := fs.Glob(top, pattern)
			ts.Check(err)
			for _, name := range names {
				files[name], err = fs.ReadFile(top, name)
				ts.Check(err)
			}
		}
		founded.files = files
		return
	}
	for name, content := range founded.files {
		ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(name)), 0o700))
		ts.Check(os.WriteFile(ts.MkAbs(name), content, 0o600))
	}
}

// begin goes through the founding.
func begin(ts *testscript.TestScript) {
	for name, text := range map[string]string{"founding-units.csv": foundingUnits, "founding-members.csv": foundingMembers} {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
	for _, args := range founding {
		args := append([]string(nil), args...)
		for i, arg := range args {
			if name, ok := strings.CutPrefix(arg, "$"); ok {
				args[i] = ts.Getenv(name)
			}
		}
		ts.Check(ts.Exec("kartotek", args...))
	}
}

func capture(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: capture NAME REGEXP")
	}
	match := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(match) < 2 {
		ts.Fatalf("nothing like %s was printed", args[1])
	}
	ts.Setenv(args[0], match[1])
}

func await(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	for range 200 {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s does not come", filepath.Base(path))
}

func dial(ts *testscript.TestScript, neg bool, args []string) {
	conn, err := net.DialTimeout("tcp", args[0], time.Second)
	if err == nil {
		_ = conn.Close()
	}
	if (err == nil) == neg {
		ts.Fatalf("dialling %s: %v", args[0], err)
	}
}

var (
	secretOfMail = regexp.MustCompile(`/joining/application\?key=([A-Z2-7]{26})`)
	elder        = regexp.MustCompile(`name="begun" value="(\d+)"`)
)

func applies(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 5 {
		ts.Fatalf("usage: applies ADDR UNIT GIVEN FAMILY EMAIL")
	}
	base := "http://" + args[0]
	page := func(resp *http.Response, err error) string {
		ts.Check(err)
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		ts.Check(err)
		if resp.StatusCode != http.StatusOK {
			ts.Fatalf("%s answers %s", resp.Request.URL.Path, resp.Status)
		}
		return string(text)
	}
	begun := elder.FindStringSubmatch(page(http.Get(base + "/join")))
	if begun == nil {
		ts.Fatalf("no form")
	}
	before := page(http.Get(base + "/mailbox"))
	at, err := strconv.ParseInt(begun[1], 10, 64)
	ts.Check(err)
	page(http.PostForm(base+"/join", url.Values{
		"unit": {args[1]}, "given": {args[2]}, "family": {args[3]}, "email": {args[4]}, "birth": {"1.2.1980"}, "begun": {strconv.FormatInt(at-60, 10)},
	}))
	for range 200 {
		for _, m := range secretOfMail.FindAllStringSubmatch(page(http.Get(base+"/mailbox")), -1) {
			if !strings.Contains(before, m[1]) {
				page(http.PostForm(base+"/joining/application/confirm", url.Values{"key": {m[1]}}))
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("no mail comes to the applicant")
}

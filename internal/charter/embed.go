package charter

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	_ "time/tzdata" // deadlines must not depend on what the machine has installed
)

//go:embed party-dk.toml club-no.toml
var shipped embed.FS

// Shipped lists the names of the charters that come with the program.
func Shipped() []string { return []string{"party-dk", "club-no"} }

// Resolve finds the text of a charter: a shipped one by name, any other by path.
// The name it returns is what problems are reported under.
func Resolve(nameOrFile string) (src []byte, filename string, err error) {
	if slices.Contains(Shipped(), nameOrFile) {
		filename = nameOrFile + ".toml"
		src, err = shipped.ReadFile(filename)
		return src, filename, err
	}
	src, err = os.ReadFile(nameOrFile)
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(nameOrFile, `./\`) {
		// A bare word was meant as a name, so say what names there are.
		return nil, "", Errors{{File: nameOrFile, Problem: "charter.error.unknown_charter",
			Args: map[string]any{"name": nameOrFile, "known": strings.Join(Shipped(), ", ")}}}
	}
	return src, nameOrFile, err
}

// Load reads and checks a charter, shipped or from a file.
func Load(nameOrFile string) (*Charter, error) {
	src, filename, err := Resolve(nameOrFile)
	if err != nil {
		return nil, err
	}
	return Parse(src, filename)
}

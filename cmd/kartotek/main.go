// Kartotek is a member register an association runs for itself; see the README.
package main

import (
	"os"

	"kartotek/internal/cli"
)

func main() { os.Exit(cli.Main()) }

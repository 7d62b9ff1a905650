package web

import "fmt"

// mailingsPath is where messages to members are written.
const mailingsPath = "/mailings"

func mailingPath(id int64) string { return fmt.Sprintf("%s/%d", mailingsPath, id) }

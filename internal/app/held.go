package app

import (
	"errors"

	"kartotek/internal/database"
)

// Held reports whether an error of Open says that another process, or another
// node, has the register. Faces ask here, since they know no database.
func Held(err error) bool { return errors.Is(err, database.ErrLocked) }

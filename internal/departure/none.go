package departure

import (
	"errors"

	"kartotek/internal/database"
)

// None reports whether an error of Of or Resigned says that the person is not
// leaving. Faces ask here, since they know no database.
func None(err error) bool { return errors.Is(err, database.ErrNotFound) }

package look

import (
	"strings"

	"github.com/a-h/templ"
)

// named is the id attribute, or none for an empty id.
func named(id string) templ.Attributes {
	if id == "" {
		return nil
	}
	return templ.Attributes{"id": id}
}

// labelled names a region by the heading it has, or by words when it has none.
func labelled(id, label string) templ.Attributes {
	switch {
	case id != "":
		return templ.Attributes{"aria-labelledby": id}
	case label != "":
		return templ.Attributes{"aria-label": label}
	}
	return nil
}

// classes joins the names that are not empty.
func classes(names ...string) string {
	kept := names[:0]
	for _, name := range names {
		if name != "" {
			kept = append(kept, name)
		}
	}
	return strings.Join(kept, " ")
}

// when is name if the condition holds.
func when(condition bool, name string) string {
	if condition {
		return name
	}
	return ""
}

// or is the first text that is not empty.
func or(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// described ties a control to its hint and its error.
func described(id, hint, problem string) templ.Attributes {
	switch {
	case hint != "" && problem != "":
		return templ.Attributes{"aria-describedby": id + "-hint " + id + "-error", "aria-invalid": "true"}
	case problem != "":
		return templ.Attributes{"aria-describedby": id + "-error", "aria-invalid": "true"}
	case hint != "":
		return templ.Attributes{"aria-describedby": id + "-hint"}
	}
	return nil
}

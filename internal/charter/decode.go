package charter

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// knownLanguages are the tags a text may carry: those of the Nordic countries
// and English. Anything else is a slip of the pen.
var knownLanguages = []string{"da", "en", "fi", "fo", "is", "kl", "nb", "nn", "se", "sv"}

// decode reads a TOML tree into a struct by its `toml` tags and reports what
// does not fit. Fields tagged `need:"yes"` must be there. It is its own reader,
// and not the library's, because that one stops at the first problem.
func decode(r *reporter, path string, tree map[string]any, into any) {
	if path == "" {
		r.languages = languagesOf(tree)
	}
	r.structure(path, tree, reflect.ValueOf(into).Elem())
}

// languagesOf reads the languages before everything else, so that missing
// translations can be told in the same pass.
func languagesOf(tree map[string]any) []string {
	var tags []string
	list, _ := tree["languages"].([]any)
	for _, item := range list {
		if tag, ok := item.(string); ok && slices.Contains(knownLanguages, tag) && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

func (r *reporter) structure(path string, table map[string]any, into reflect.Value) {
	var absent, needed []string // keys the table does not have
	known := make(map[string]bool, into.NumField())
	for i := range into.NumField() {
		field := into.Type().Field(i)
		key, tagged := field.Tag.Lookup("toml")
		if !tagged || key == "-" {
			continue
		}
		known[key] = true
		need := field.Tag.Get("need") == "yes"
		value, there := table[key]
		switch {
		case there:
			r.value(join(path, key), value, into.Field(i), need)
		case need:
			needed = append(needed, key)
			fallthrough
		default:
			absent = append(absent, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(table)) {
		if known[key] {
			continue
		}
		near := nearest(key, absent)
		if near == "" {
			r.report(join(path, key), "charter.error.unknown_key", "key", key)
			continue
		}
		r.report(join(path, key), "charter.error.unknown_key_near", "key", key, "near", near)
		// One slip is told once: what is misspelt is not missing as well.
		if i := slices.Index(needed, near); i >= 0 {
			r.broken = true
			needed = slices.Delete(needed, i, i+1)
		}
	}
	for _, key := range needed {
		r.broken = true
		r.report(path, "charter.error.missing_key", "key", key)
	}
}

var wordsType = reflect.TypeFor[Words]()

func (r *reporter) value(path string, value any, into reflect.Value, need bool) {
	if into.Type() == wordsType {
		r.words(path, value, into)
		return
	}
	switch into.Kind() {
	case reflect.String:
		text, ok := value.(string)
		if !ok {
			r.wrongType(path, "charter.error.type_text")
		} else if need && strings.TrimSpace(text) == "" {
			r.broken = true
			r.report(path, "charter.error.empty")
		}
		into.SetString(text)
	case reflect.Int:
		number, ok := value.(int64)
		if !ok {
			r.wrongType(path, "charter.error.type_number")
		} else if number < -1e9 || number > 1e9 {
			r.broken = true
			r.report(path, "charter.error.range", "low", 0, "high", 1_000_000_000)
		}
		into.SetInt(number)
	case reflect.Bool:
		yes, ok := value.(bool)
		if !ok {
			r.wrongType(path, "charter.error.type_bool")
		}
		into.SetBool(yes)
	case reflect.Struct:
		table, ok := value.(map[string]any)
		if !ok {
			r.wrongType(path, "charter.error.type_table")
			return
		}
		r.structure(path, table, into)
	case reflect.Slice:
		r.list(path, value, into)
	}
}

// list reads an array of texts or of tables.
func (r *reporter) list(path string, value any, into reflect.Value) {
	var items []any
	switch list := value.(type) {
	case []any:
		items = list
	case []map[string]any:
		for _, table := range list {
			items = append(items, table)
		}
	default:
		if into.Type().Elem().Kind() == reflect.String {
			r.wrongType(path, "charter.error.type_texts")
		} else {
			r.wrongType(path, "charter.error.type_tables")
		}
		return
	}
	// An empty array is a statement ("may nothing") and so differs from an absent one.
	into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
	for i, item := range items {
		r.value(index(path, i), item, into.Index(i), true)
	}
}

// words reads a text in several languages and reports missing translations.
func (r *reporter) words(path string, value any, into reflect.Value) {
	table, ok := value.(map[string]any)
	if !ok {
		r.wrongType(path, "charter.error.type_words", "example", `{ da = "…", en = "…" }`)
		return
	}
	words := make(Words, len(table))
	for _, tag := range slices.Sorted(maps.Keys(table)) {
		text, ok := table[tag].(string)
		switch {
		case !slices.Contains(knownLanguages, tag):
			r.report(join(path, tag), "charter.error.unknown_language", "tag", tag)
		case !ok:
			r.wrongType(join(path, tag), "charter.error.type_text")
		case strings.TrimSpace(text) == "":
			r.report(join(path, tag), "charter.error.empty")
		}
		words[tag] = text
	}
	for _, tag := range r.languages {
		if _, there := words[tag]; !there {
			r.report(path, "charter.error.missing_translation", "tag", tag)
		}
	}
	into.Set(reflect.ValueOf(words))
}

// wrongType reports that something else than the wanted kind of value stands there.
func (r *reporter) wrongType(path, problem string, pairs ...any) {
	r.broken = true
	r.report(path, problem, pairs...)
}

// nearest gives the known key closest to a misspelt one, if any is close.
func nearest(key string, known []string) string {
	best, limit := "", len(key)/3+1
	for _, candidate := range known {
		if d := distance(key, candidate); d <= limit && (best == "" || d < distance(key, best)) {
			best = candidate
		}
	}
	return best
}

// distance is the edit distance of two keys.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

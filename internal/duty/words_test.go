package duty

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"kartotek/internal/locale"
)

// Whatever kind of duty there is, it has words wherever duties are shown: on its
// own, and counted where several share a mark of the year.
func TestEveryKindHasWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "duty.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != "Kind" {
			return true
		}
		kind, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		kinds++
		for _, code := range locale.Languages() {
			for _, key := range []string{"duty.kind.", "duty.hint.", "duty.act.", "web.home.mark."} {
				if !locale.For(code).Has(key + kind) {
					t.Errorf("%s: no message %s%s", code, key, kind)
				}
			}
		}
		return true
	})
	if kinds < 15 {
		t.Errorf("only %d kinds were found", kinds)
	}
}

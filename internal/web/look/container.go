package look

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Container is a component opened for children: templ cannot read a block
// after a struct literal, so a component that holds others ends in With():
//
//	@look.Card{ID: "news", Title: "Nyt"}.With() {
//		<p>…</p>
//	}
type Container struct{ templ.Component }

// Of is the container with its children, where Go code composes instead of templ.
func (c Container) Of(children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

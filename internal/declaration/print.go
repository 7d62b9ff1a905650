package declaration

import (
	"fmt"
	"html"
	"io"
	"strings"
	"time"

	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
)

// Formats are how a declaration can be had (N4).
func Formats() []string { return []string{"docx", "pdf", "html", "md"} }

// Write writes a declaration in a format; the one for Word has the notes in its margin.
func (r *Rendered) Write(w io.Writer, format string, made time.Time) error {
	switch format {
	case "docx":
		return r.word(w, made)
	case "pdf":
		return r.pdf(w, made)
	case "html":
		return r.html(w)
	case "md":
		return r.markdown(w)
	}
	return fault.New(fault.NotFound, "declaration.error.format")
}

func (r *Rendered) heading(p *Point) string { return fmt.Sprintf("%d. %s", p.Number, p.Title) }

func (r *Rendered) word(w io.Writer, made time.Time) error {
	out := document.NewWord(w, r.Body, document.PDFOptions{Title: r.Title, Language: r.Lang, Time: made})
	out.Write("Title", r.Title, "")
	out.Write("", r.Lead, "")
	out.Write("", r.Standing, "")
	for i := range r.Points {
		p := &r.Points[i]
		out.Write("Heading1", r.heading(p), p.Note)
		for j := range p.Blocks {
			switch b := &p.Blocks[j]; b.Kind {
			case Entry, Fact:
				out.Write("ListBullet", "• "+b.Line(), "")
			case Own:
				out.Write("Own", b.Line(), "")
			default:
				out.Write("", b.Line(), "")
			}
		}
	}
	return out.Close()
}

func (r *Rendered) pdf(w io.Writer, made time.Time) error {
	p := locale.For(r.Lang)
	out := document.NewPaper(w, document.PaperTexts{Sender: r.Body, Title: r.Title, Footer: r.Standing, Page: p.T("extract.print.page")},
		nil, document.PDFOptions{Title: r.Title, Language: r.Lang, Time: made})
	if err := out.Write(document.Section{Paragraphs: []string{r.Lead, r.Standing}}); err != nil {
		return err
	}
	for i := range r.Points {
		point := &r.Points[i]
		part := document.Section{Heading: r.heading(point)}
		for j := range point.Blocks {
			switch b := &point.Blocks[j]; {
			case b.Kind == Entry || b.Kind == Fact:
				if len(part.After) > 0 { // a list after text that followed a list is a part of its own
					if err := out.Write(part); err != nil {
						return err
					}
					part = document.Section{}
				}
				part.Items = append(part.Items, b.Line())
			case len(part.Items) > 0:
				part.After = append(part.After, b.Line())
			default:
				part.Paragraphs = append(part.Paragraphs, b.Line())
			}
		}
		if err := out.Write(part); err != nil {
			return err
		}
	}
	return out.Close()
}

func (r *Rendered) html(w io.Writer) error {
	var b strings.Builder
	esc := html.EscapeString
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>%s</title></head>\n<body>\n<h1>%s</h1>\n<p>%s</p>\n<p>%s</p>\n",
		esc(r.Lang), esc(r.Title), esc(r.Title), esc(r.Lead), esc(r.Standing))
	for i := range r.Points {
		p := &r.Points[i]
		fmt.Fprintf(&b, "<section id=\"%s\">\n<h2>%s</h2>\n", esc(p.Code), esc(r.heading(p)))
		listed := false
		for j := range p.Blocks {
			block := &p.Blocks[j]
			entry := block.Kind == Entry || block.Kind == Fact
			if entry != listed {
				b.WriteString(map[bool]string{true: "<ul>\n", false: "</ul>\n"}[entry])
			}
			tag, lang := "p", ""
			if listed = entry; entry {
				tag = "li"
			}
			if block.Lang != "" {
				lang = ` lang="` + esc(block.Lang) + `"`
			}
			fmt.Fprintf(&b, "<%s%s>%s</%s>\n", tag, lang, esc(block.Line()), tag)
		}
		if listed {
			b.WriteString("</ul>\n")
		}
		b.WriteString("</section>\n")
	}
	b.WriteString("</body>\n</html>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// marked takes their meaning from signs that Markdown would read.
var marked = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "#", `\#`)

func (r *Rendered) markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n%s\n", marked.Replace(r.Title), marked.Replace(r.Lead), marked.Replace(r.Standing))
	for i := range r.Points {
		p := &r.Points[i]
		fmt.Fprintf(&b, "\n## %s\n\n", marked.Replace(r.heading(p)))
		for j := range p.Blocks {
			block := &p.Blocks[j]
			line := marked.Replace(block.Line())
			if block.Kind == Entry || block.Kind == Fact {
				line = "- " + line
				if j+1 == len(p.Blocks) || p.Blocks[j+1].Kind == Entry || p.Blocks[j+1].Kind == Fact {
					b.WriteString(line + "\n")
					continue
				}
			}
			b.WriteString(line + "\n\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

package member

// StopAt has fn called between the steps in which a change is committed, where a
// test may end the program.
func StopAt(d *Directory, fn func(point string)) { d.at = fn }

// Points are these points, in their order.
var Points = []string{"claimed", "written", "let go"}

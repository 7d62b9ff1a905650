package web

// passingPath is where members' data are passed on to bodies outside (N12).
const passingPath = "/passing"

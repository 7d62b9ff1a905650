package charter

// Letters is how the association writes on paper, to whoever has no e-mail.
type Letters struct {
	Sender   []string `toml:"sender"`    // at the head of a letter, inside the envelope; the association's name when absent
	ReturnTo []string `toml:"return-to"` // on envelopes, where what comes back goes; says nothing of what the association is (L1)
}

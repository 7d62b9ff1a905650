package passing

// At has a test told each step, to stop there.
func (s *Service) At(told func(step string)) { s.at = told }

package plan

type explainer struct{}

// Explain returns the plan as an indented tree, one node per line, the top first.
func (q *Query) Explain() string { return "" }

func (s *Scan) describe(*explainer) string      { return "" }
func (v *Values) describe(*explainer) string    { return "" }
func (f *Filter) describe(*explainer) string    { return "" }
func (p *Project) describe(*explainer) string   { return "" }
func (j *Join) describe(*explainer) string      { return "" }
func (a *Aggregate) describe(*explainer) string { return "" }
func (w *Window) describe(*explainer) string    { return "" }
func (d *Distinct) describe(*explainer) string  { return "" }
func (s *Sort) describe(*explainer) string      { return "" }
func (l *Limit) describe(*explainer) string     { return "" }
func (s *SetOp) describe(*explainer) string     { return "" }
func (c *CTEScan) describe(*explainer) string   { return "" }
func (l *Lock) describe(*explainer) string      { return "" }

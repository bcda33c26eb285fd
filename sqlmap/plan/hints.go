package plan

// indexHint is USE, FORCE or IGNORE INDEX with the positions of the indexes it names.
type indexHint struct {
	kind    string
	purpose string
	indexes []int
}

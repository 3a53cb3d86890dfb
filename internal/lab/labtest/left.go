package labtest

// Machine is what an experiment could change for good: nice values, mounts,
// set-id files, the loginuid. Whether process accounting is on no call
// tells. Main looks before the first test of a package and after the last.
type Machine struct {
	Nice, NiceOfInit int
	Mounted          bool   // a file system of the suite's
	SetID            string // set-id files where the suite makes its own
	Loginuid         string
}

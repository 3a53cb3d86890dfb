package sandbox

func probe() {}

package faulty

func allVariants() []Variant { return nil }

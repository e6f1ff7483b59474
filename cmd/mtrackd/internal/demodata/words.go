package demodata

import "github.com/seed-5ec2a705/mtrack/impl/track"

// What made-up data is made of.
var (
	creationEngines = []string{"studio", "studio-v2", "lyric", "score", "loop"}
	focusEngines    = []string{"ambient", "drift", "noise"}
	stems           = []string{"vocals", "drums", "bass", "keys", "strings"}
	licences        = []track.LicenceClass{
		// as often as each stands here
		track.LicenceCommercialCleared, track.LicenceCommercialCleared, track.LicenceCommercialCleared,
		track.LicenceCommercialEnterprise, track.LicencePersonalOnly, track.LicenceUnclear,
	}

	companyNames = []string{
		"Alpenglow", "Blue Hour", "Copper Kettle", "Drei Linden", "Eastbound", "Fernweh", "Glasshouse", "Harbour", "Indigo",
		"Juniper", "Kaleido", "Longwave", "Meridian", "Nordlicht", "Orchard", "Paper Moon", "Quartz", "Riverside", "Sundial", "Tandem",
	}
	companyKinds = []string{"Audio", "Films", "Games", "Media", "Radio", "Sound", "Studios", "Theatre"}

	firstNames = []string{
		"Ada", "Amir", "Anaïs", "Björn", "Chiara", "Dmitri", "Elif", "Femi", "Greta", "Hana", "Ivo", "Jana", "Kofi", "Léa", "Mateo",
		"Noor", "Olga", "Pádraig", "Quentin", "Rosa", "Sora", "Tuân", "Uma", "Vera", "Wei", "Ximena", "Yara", "Zoë",
	}
	lastNames = []string{
		"Abe", "Berger", "Costa", "Dubois", "Eriksen", "Ferrari", "García", "Haddad", "Ito", "Jansen", "Kowalski", "Lindqvist", "Müller",
		"Nguyễn", "Okafor", "Petrović", "Quispe", "Rossi", "Şahin", "Tanaka", "Ustinov", "Vargas", "Weber", "Xu", "Yilmaz", "Zimmermann",
	}
	adjectives = []string{
		"Amber", "Borrowed", "Broken", "Distant", "Early", "Electric", "Endless", "Faded", "First", "Golden", "Hollow", "Late Night",
		"Little", "Lost", "Midnight", "Paper", "Quiet", "Restless", "Salt", "Silver", "Slow", "Velvet", "Warm", "Winter",
	}
	nouns = []string{
		"Airport", "Avenue", "Café", "Clockwork", "Coastline", "Drive", "Echo", "Fireflies", "Garden", "Horizon", "Lanterns", "Letter",
		"Morning", "Neon", "Ocean", "Parade", "Rain", "Satellite", "Skyline", "Summer", "Tide", "Train", "Waltz", "Window",
	}
	places = []string{
		"after Hours", "at the Lake", "by the Window", "for Two", "from Above", "in Blue", "in Zürich", "of Tomorrow", "on the Roof",
		"over Oslo", "to Nowhere", "under Glass", "with the Lights off",
	}
)

/** A country of sample customers, with common given and family names and suffixes of company names. */
export type Region = {
  /** The country code (ISO 3166-1 alpha-2). */
  country: string
  weight: number
  givenNames: readonly string[]
  familyNames: readonly string[]
  companyForms: readonly string[]
}

export const regions: readonly Region[] = [
  region(
    'US',
    26,
    'Ava Liam Harper Mason Chloe Ethan Zoe Caleb Naomi Wyatt',
    'Carter Nguyen Brooks Ramirez Foster Hayes Whitfield Okafor Delgado Sloan',
    'Inc.|LLC|Co.|',
  ),
  region(
    'GB',
    13,
    'Imogen Alfie Poppy Rhys Freya Callum Beatrix Owen Maisie Hamish',
    'Ashworth Pembroke Sinclair Bevan Hargreaves Llewellyn Thorne Fairley Marlowe Quigley',
    'Ltd|LLP|Limited',
  ),
  region(
    'DE',
    11,
    'Anneliese Jonas Greta Matthias Friederike Lukas Käthe Bastian Jürgen Hanna',
    'Schäfer Brandt Lindemann Krüger Vogel Öztürk Baumgärtner Hoffmann Seidel Weiß',
    'GmbH|AG|GmbH & Co. KG',
  ),
  region(
    'FR',
    8,
    'Élodie Théo Manon Bastien Zoé Rémi Clémence Hugo Océane François',
    'Moreau Lefèvre Garnier Dubois Chevalier Rousseau Benoît Marchand Pelletier Côté',
    'SARL|SAS|SA',
  ),
  region(
    'NL',
    5,
    'Sanne Bram Fleur Joris Lotte Thijs Maaike Ruben',
    'Visser Bakker Hoekstra Meijer Dijkstra Kuipers Postma Verhoeven',
    'B.V.|N.V.',
  ),
  region(
    'SE',
    4,
    'Linnea Elias Astrid Oskar Saga Björn Ebba Åke',
    'Lindqvist Bergström Sjöberg Ekström Nyström Håkansson Dahl Wallin',
    'AB|Handelsbolag',
  ),
  region(
    'ES',
    5,
    'Lucía Martín Carmen Íñigo Alba Álvaro Nerea Joaquín',
    'García Muñoz Ibáñez Serrano Castaño Vidal Echeverría Peña',
    'S.L.|S.A.',
  ),
  region(
    'IT',
    4,
    'Giulia Matteo Chiara Lorenzo Beatrice Niccolò Ilaria Davide',
    'Ferrari Conti Bianchi Marchetti De_Luca Rinaldi Esposito Galli',
    'S.r.l.|S.p.A.',
  ),
  region(
    'PL',
    3,
    'Zofia Jakub Łucja Michał Hanna Stanisław Małgorzata Piotr',
    'Kowalczyk Wiśniewska Zieliński Dąbrowska Woźniak Lewandowski Szymańska Król',
    'sp. z o.o.|S.A.',
  ),
  region(
    'CA',
    5,
    'Noah Maëlle Logan Sophie Everett Amélie Wren Tristan',
    'Tremblay MacLeod Gagnon Singh Fraser Bouchard Chen Campbell',
    'Inc.|Ltd.',
  ),
  region(
    'BR',
    4,
    'Beatriz João Larissa Thiago Camila Caetano Júlia Vinícius',
    'Almeida Barbosa Conceição Figueiredo Araújo Monteiro Teixeira Gonçalves',
    'Ltda.|S.A.',
  ),
  region(
    'MX',
    2,
    'Ximena Diego Renata Emiliano Valeria Andrés',
    'Hernández Zúñiga Cárdenas Rentería Villaseñor Ocampo',
    'S.A. de C.V.',
  ),
  region(
    'IN',
    6,
    'Ananya Arjun Priya Rohan Meera Vikram Kavya Aditya',
    'Iyer Chatterjee Deshpande Mehta Krishnan Bose Kulkarni Reddy',
    'Pvt. Ltd.|LLP',
  ),
  region(
    'JP',
    4,
    'Haruka Kenji Yui Takumi Aoi Shōta Emi Ryō',
    'Takahashi Kobayashi Yoshida Mori Ishikawa Ōno Fujimoto Hayashi',
    'K.K.|G.K.',
  ),
  region(
    'KR',
    2,
    'Seo-yeon Min-jun Ji-woo Hyun-woo Ha-eun Do-yun',
    'Kim Park Choi Jung Kang Yoon',
    'Co., Ltd.',
  ),
  region(
    'NG',
    2,
    'Adaeze Chinedu Folasade Emeka Temitope Ngozi',
    'Adeyemi Eze Balogun Nwosu Ogunleye Abubakar',
    'Ltd|Plc',
  ),
  region(
    'ZA',
    2,
    'Thandiwe Pieter Lerato Sipho Annika Kagiso',
    'Dlamini van_der_Merwe Mokoena Naidoo Botha Khumalo',
    '(Pty) Ltd',
  ),
  region(
    'AU',
    4,
    'Matilda Lachlan Isla Angus Ruby Darcy',
    "Fitzgerald O'Connor Papadopoulos Walsh Nguyen Mackenzie",
    'Pty Ltd',
  ),
  region(
    'TR',
    2,
    'Elif Emre Zeynep Çağlar Defne Ömer',
    'Yılmaz Şahin Aydın Koç Çelik Gündoğdu',
    'A.Ş.|Ltd. Şti.',
  ),
  region('KE', 1, 'Wanjiru Otieno Achieng Kipchoge', 'Kamau Odhiambo Mwangi Njoroge', 'Ltd'),
]

/** The words of company names. A name is `<first> <second>` or `<family> & <family>`. */
export const companyWords = {
  first:
    'Amber Anchor Atlas Beacon Birch Cedar Cobalt Compass Copper Coral Delta Ember Fjord Foxglove Granite Harbour Hazel Indigo Juniper Kestrel Lantern Larch Maple Meridian Nimbus North Oakfield Onyx Orchard Paper Pebble Quill Redwood River Saffron Silver Summit Tidal Umbra Verdant Willow Zephyr'.split(
      ' ',
    ),
  second:
    'Analytics Architects Bakeries Biotech Books Ceramics Clinics Coffee Consulting Design Diagnostics Education Energy Farms Films Foods Freight Games Gardens Health Hotels Instruments Insurance Interiors Kitchens Labs Legal Logistics Media Mobility Motors Optics Outdoor Partners Pharma Press Research Robotics Security Software Solar Sports Studio Systems Textiles Tools Travel Works'.split(
      ' ',
    ),
} as const

/** Returns a region. The texts are split at blanks. Within a name, `_` means a blank. */
function region(
  country: string,
  weight: number,
  givenNames: string,
  familyNames: string,
  companyForms: string,
): Region {
  return {
    country,
    weight,
    givenNames: givenNames.split(' '),
    familyNames: familyNames.split(' ').map((name) => name.replaceAll('_', ' ')),
    companyForms: companyForms.split('|'),
  }
}

/** One material of every kind that the halls have for a person. */
export const materialsOf = (holder: { idType: string; id: string; name: string }) =>
  [
    '11370299003700010A001',
    '11370299003700010A002',
    '113702990037000297016',
    '113702990037000297004',
    '113702990037000372005',
    '113702990037000372006',
    '11370299003700053P009',
    '11370299003700061J011',
  ].map((typeCode, at) => ({ materialCode: `M${String(at)}`, typeCode, holder }))

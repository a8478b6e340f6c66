/**
 * Letters, digits and the punctuation that names of people and firms carry. Anything else (quotes,
 * semicolons, braces, backslashes …) is loaded as it stands, but a person should look at it.
 */
export const unusualNameCharacters = (name: string): boolean =>
  /[^\p{L}\p{M}\p{N} ·•・.\-—－()（）&＆,，、/／《》“”]/u.test(name)

export const unusualNumberCharacters = (number: string): boolean =>
  /[^\p{L}\p{N} ()〔〕[\]\-—_/.·:：#№]/u.test(number)

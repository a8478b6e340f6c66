/**
 * Repeats an attempt until the number drawn could be used; one in 2^32 cannot.
 * @throws RangeError after 16 attempts: the random source is broken
 */
export const untilUsable = <Result>(attempt: () => Result | undefined): Result => {
  for (let i = 0; i < attemptsMax; i++) {
    const result = attempt()
    if (result !== undefined) return result
  }
  throw new RangeError('the random source gives no usable number')
}

const attemptsMax = 16

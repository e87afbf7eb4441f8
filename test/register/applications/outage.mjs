/**
 * What each application does: calls that go well, calls that fail, and one that would go well. Prints how each ended for the application.
 * @param call - makes a call, a good one or one that the server fails, and gives its answer
 */
export async function outage(call) {
  const results = [];
  for (const isGood of [true, true, false, false, false, true]) {
    try {
      results.push({ answer: await call(isGood) });
    } catch (error) {
      results.push({ code: error.code, details: error.details ?? error.message });
    }
  }
  console.log(JSON.stringify(results));
}

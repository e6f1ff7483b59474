// What the programs share: the scene that they work on, and a check that tells the compiler what it found.

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export const url = variable('MTRACK_URL');
export const organization = variable('ORGANIZATION');
export const track = variable('TRACK');
export const creatorKey = variable('CREATOR_KEY');
export const saverKey = variable('SAVER_KEY');

export function expect(fact: unknown, what: string, got: unknown): asserts fact {
  if (!fact) throw new Error(`${what}: got ${JSON.stringify(got)}`);
}

export function done(): void {
  console.log('UnauthenticatedEnvelope, NotCreatorEnvelope, TrackNotFoundEnvelope, OrganizationNotFoundEnvelope, InvalidParameterEnvelope');
}

// The toolbar's icon.

/** What its badge or its title is set to, so that the manifest's is shown again. */
export const asBefore = () => null;

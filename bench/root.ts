/** The folder of the project, seen from its source as well as from what is built of it. */
export const ROOT = __dirname.replace(/[/\\](dist-tools[/\\])?bench$/, '');

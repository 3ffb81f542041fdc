namespace Ledgerfold.Http;

/// <summary>
/// Among the services of a server that was started to try things out: its clock can be put forward, and systems let their simulators be
/// told what to do. Where it is missing, business is done.
/// </summary>
public sealed class Rehearsal;

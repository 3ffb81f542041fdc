namespace Ledgerfold.Model.Driving;

/// <summary>Names an instance of a process.</summary>
/// <param name="Process">The process.</param>
/// <param name="Key">The key of the instance; null names the process as a whole.</param>
/// <param name="Tenant">Whose it is.</param>
public sealed record InstanceName(string Process, string? Key, string Tenant = Tenants.Default);

namespace Ledgerfold.Server.Security.Permitting;

/// <summary>Where the server keeps what it knows of people, keys and what they did.</summary>
internal static class Platform
{
    /// <summary>The tenant of what belongs to no tenant.</summary>
    public const string Tenant = "$platform";

    /// <summary>Who may do what.</summary>
    public const string Access = "$access";

    /// <summary>What passwords and keys are checked against. No permission reads it.</summary>
    public const string Credential = "$credential";

    /// <summary>What was done, and what was denied.</summary>
    public const string Audit = "$audit";

    /// <summary>Long work.</summary>
    public const string Operation = "$operation";

    /// <summary>What processes went through.</summary>
    public const string Process = "$process";

    /// <summary>What commands were answered.</summary>
    public const string Command = "$command";

    /// <summary>Whether a tenant or category is the platform's own: named by nobody who says <c>*</c>.</summary>
    public static bool Owns(string segment) => segment.StartsWith('$');
}

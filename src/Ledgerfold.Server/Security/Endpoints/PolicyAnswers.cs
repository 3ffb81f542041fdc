using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Security.Endpoints;

/// <summary>Says what became of a change of policy over HTTP.</summary>
internal static class PolicyAnswers
{
    /// <summary>Why it was not made; null where it is in force.</summary>
    public static Refusal? Refusal(this PolicyAnswer answer) => answer switch
    {
        PolicyAnswer.Done => null,
        PolicyAnswer.Denied denied => Denial.Of(denied.Ruling),
        PolicyAnswer.Rejected rejected => Of(rejected),
        PolicyAnswer.Unavailable unavailable => new Refusal(PlatformProblems.Indeterminate.Code, unavailable.Reason),
        _ => throw new InvalidOperationException($"Nobody knows the answer {answer}."),
    };

    private static Refusal Of(PolicyAnswer.Rejected rejected) => rejected.Code switch
    {
        "USER_UNKNOWN" or "ROLE_UNKNOWN" or "KEY_UNKNOWN" =>
            new Refusal(PlatformProblems.NotFound.Code, $"There is no such {rejected.Field}."),
        "USER_EXISTS" or "KEY_EXISTS" => new Refusal(AccessProblems.AlreadyThere.Code),
        "OWNER_LINK" or "OWNER_EXISTS" => new Refusal(AccessProblems.OwnerLink.Code),
        "LAST_ADMINISTRATOR" => new Refusal(AccessProblems.LastAdministrator.Code),
        "ROLE_BUILT_IN" => new Refusal(AccessProblems.RoleBuiltIn.Code),
        "ROLE_IN_USE" => new Refusal(AccessProblems.RoleInUse.Code),
        "PASSWORD_WRONG" => new Refusal(AccessProblems.PasswordWrong.Code),
        "TOO_MANY_USERS" or "TOO_MANY_ROLES" or "TOO_MANY_GRANTS" or "TOO_MANY_KEYS" =>
            new Refusal(AccessProblems.TooMany.Code, rejected.Message),
        _ => Http.Problems.Refusal.Of($"/{rejected.Field}", rejected.Message ?? "a value that there can be"),
    };
}

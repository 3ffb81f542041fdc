using System.Collections.Immutable;
using Ledgerfold.Http.Problems;

namespace Ledgerfold.Server.Security.Endpoints;

/// <summary>The refusals of those who want to come in, and of changes of who may do what.</summary>
internal static class AccessProblems
{
    public static ProblemKind SignInFailed { get; } = new("sign-in-failed", 401, "Name or password is wrong")
    {
        Meaning = "Which of the two is wrong is not said. Whoever fails several times has to wait between further tries.",
    };

    public static ProblemKind PasswordWrong { get; } = new("password-wrong", 403, "The current password is not this one")
    {
        Meaning = "Whoever changes their own password says the one they have. Nothing was changed.",
    };

    public static ProblemKind OwnerLink { get; } = new("owner-link", 403, "The link is good for nothing")
    {
        Meaning = "The link of the first owner was used, has expired, was replaced by a later start, or never was one. While nobody can "
            + "sign in, each start of the server prints a new one.",
    };

    public static ProblemKind LastAdministrator { get; } = new("last-administrator", 409, "Nobody could administer afterwards")
    {
        Meaning = "Nothing was changed: somebody with a password must be left who may decide who may do what.",
    };

    public static ProblemKind AlreadyThere { get; } = new("already-there", 409, "There is one already")
    {
        Meaning = "Nothing was changed: a user or a key of this name is there already.",
    };

    public static ProblemKind RoleBuiltIn { get; } = new("role-built-in", 409, "The role is there from the start")
    {
        Meaning = "The roles that are there from the start do not change. Define another one beside them.",
    };

    public static ProblemKind RoleInUse { get; } = new("role-in-use", 409, "Somebody has the role")
    {
        Meaning = "Nothing was changed: a role that somebody has is not removed. Revoke it from them first.",
    };

    public static ProblemKind TooMany { get; } = new("too-many", 409, "There are as many as there can be")
    {
        Meaning = "Nothing was changed: `detail` says how many there can be.",
    };

    public static ImmutableArray<ProblemKind> All { get; } =
        [SignInFailed, PasswordWrong, OwnerLink, LastAdministrator, AlreadyThere, RoleBuiltIn, RoleInUse, TooMany];
}

using System.CommandLine;
using Ledgerfold.Cli.Online;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold access</c>, <c>users</c>, <c>roles</c>, <c>grants</c> and <c>keys</c>: who may do what on a server.</summary>
internal static class AccessVerbs
{
    private const string AccessExample = "ledgerfold access show";
    private const string UsersExample = "ledgerfold users list";
    private const string RolesExample = "ledgerfold roles list";
    private const string GrantsExample = "ledgerfold grants list --user ann";
    private const string KeysExample = "ledgerfold keys create --label 'nightly export' --scope read --scope readPayload";

    public static IEnumerable<Command> Create() =>
    [
        new Verb("access", "Shows what you may do on a server, and makes its first owner.", AccessExample) { Mine(), Claim() },
        new Verb("users", "Shows and changes who may come in.", UsersExample)
        {
            Users(), Create("create", "Adds a user, who cannot sign in before there is a password."), SetPassword(),
            Enable("enable", "Lets a user come in again.", isEnabled: true), Enable("disable", "Lets a user in no more.", isEnabled: false),
            EndSessions(),
        },
        new Verb("roles", "Shows and changes what roles give and take.", RolesExample) { Roles(), Define(), Remove() },
        new Verb("grants", "Shows and changes who has which role.", GrantsExample) { Grants(), Grant(), Revoke() },
        new Verb("keys", "Shows, makes and revokes the keys of programs.", KeysExample) { Keys(), CreateKey(), RevokeKey() },
    ];

    private static Command Mine() => OnlineVerb.Show(
        "show", "Shows who you are there, and what you may do.", AccessExample, static _ => ServerPath.Of("access"));

    private static Command Claim()
    {
        var token = new Option<string>("--token")
        {
            Description = "What stands behind the # of the link that the first start printed.",
            HelpName = "TOKEN",
            Required = true,
        };
        var user = new Option<string>("--user") { Description = "Your name there.", HelpName = "USER", Required = true };
        var label = new Option<string?>("--key-label")
        {
            Description = "Also makes a key, shown once, with this label.",
            HelpName = "LABEL",
        };
        return OnlineVerb.Do(
            "claim",
            "Becomes the first owner of a server; the password comes from standard input.",
            "echo \"$PASSWORD\" | ledgerfold access claim --token TOKEN --user ann --key-label laptop",
            parsed => (HttpMethod.Post, ServerPath.Of("first-owner"), new
            {
                token = parsed.GetValue(token),
                user = parsed.GetValue(user),
                password = Password.Read(),
                key = parsed.GetValue(label) is { } name ? new { label = name } : null,
            }),
            token, user, label);
    }

    private static Command Users() => OnlineVerb.List(
        "list", "Lists users.", UsersExample, static _ => ServerPath.Of("users"),
        [new("USER", "user"), new("ENABLED", "enabled"), new("PASSWORD", "hasPassword")]);

    private static Command Create(string name, string description)
    {
        var user = User();
        return OnlineVerb.Do(
            name, description, "ledgerfold users create ben",
            parsed => (HttpMethod.Post, ServerPath.Of("users"), new { user = parsed.GetValue(user) }), user);
    }

    private static Command SetPassword()
    {
        var user = User();
        return OnlineVerb.Do(
            "set-password", "Sets the password of a user, from standard input.", "echo \"$PASSWORD\" | ledgerfold users set-password ben",
            parsed => (HttpMethod.Put, ServerPath.Of("users", parsed.GetValue(user)!, "password"), new { password = Password.Read() }),
            user);
    }

    private static Command Enable(string name, string description, bool isEnabled)
    {
        var user = User();
        return OnlineVerb.Do(
            name, description, $"ledgerfold users {name} ben",
            parsed => (HttpMethod.Put, ServerPath.Of("users", parsed.GetValue(user)!, "enabled"), new { enabled = isEnabled }), user);
    }

    private static Command EndSessions()
    {
        var user = User();
        return OnlineVerb.Do(
            "end-sessions", "Ends all sessions of a user.", "ledgerfold users end-sessions ben",
            parsed => (HttpMethod.Delete, ServerPath.Of("users", parsed.GetValue(user)!, "sessions"), null), user);
    }

    private static Command Roles() => OnlineVerb.List(
        "list", "Lists roles.", RolesExample, static _ => ServerPath.Of("roles"),
        [new("ROLE", "role"), new("BUILT IN", "builtIn"), new("PERMISSIONS", "permissions")]);

    private static Command Define()
    {
        var role = Role();
        var permissions = PermissionText.Option("--permission", "What it gives or takes");
        return OnlineVerb.Do(
            "define",
            "Says what a role gives and takes; what it was before is replaced.",
            "ledgerfold roles define clerk --permission 'read acme order' --permission 'deny read acme salary'",
            parsed => (
                HttpMethod.Put,
                ServerPath.Of("roles", parsed.GetValue(role)!),
                new { permissions = (parsed.GetValue(permissions) ?? []).Select(PermissionText.Parse) }),
            role, permissions);
    }

    private static Command Remove()
    {
        var role = Role();
        return OnlineVerb.Do(
            "remove", "Removes a role that nobody has.", "ledgerfold roles remove clerk",
            parsed => (HttpMethod.Delete, ServerPath.Of("roles", parsed.GetValue(role)!), null), role);
    }

    private static Command Grants()
    {
        var user = new Option<string?>("--user") { Description = "Only those of this user.", HelpName = "USER" };
        return OnlineVerb.List(
            "list", "Lists who has which role.", GrantsExample, parsed => ServerPath.Of("grants").With("user", parsed.GetValue(user)),
            [new("USER", "user"), new("ROLE", "role"), new("TENANT", "tenant"), new("CATEGORY", "category")],
            user);
    }

    private static Command Grant()
    {
        var (user, role, inTenant, category) = (User(), Role(), In(), Category());
        return OnlineVerb.Do(
            "add", "Gives a role to a user, in all tenants and on all categories where nothing is said.",
            "ledgerfold grants add ben clerk --in acme",
            parsed => (HttpMethod.Post, ServerPath.Of("grants"), new
            {
                user = parsed.GetValue(user),
                role = parsed.GetValue(role),
                tenant = parsed.GetValue(inTenant),
                category = parsed.GetValue(category),
            }),
            user, role, inTenant, category);
    }

    private static Command Revoke()
    {
        var (user, role, inTenant, category) = (User(), Role(), In(), Category());
        return OnlineVerb.Do(
            "remove", "Takes a role from a user, just as it was given.", "ledgerfold grants remove ben clerk --in acme",
            parsed => (
                HttpMethod.Delete,
                ServerPath.Of("grants").With("user", parsed.GetValue(user)).With("role", parsed.GetValue(role))
                    .With("tenant", parsed.GetValue(inTenant)).With("category", parsed.GetValue(category)),
                null),
            user, role, inTenant, category);
    }

    private static Command Keys() => OnlineVerb.List(
        "list", "Lists keys, without what they are checked against.", "ledgerfold keys list", static _ => ServerPath.Of("keys"),
        [new("ID", "id"), new("LABEL", "label"), new("USER", "user"), new("EXPIRES", "expiresAt"), new("SCOPE", "scope")]);

    private static Command CreateKey()
    {
        var label = new Option<string>("--label") { Description = "What it is for.", HelpName = "LABEL", Required = true };
        var user = new Option<string?>("--user") { Description = "For whom it acts (default you).", HelpName = "USER" };
        var days = new Option<int?>("--expires-in-days") { Description = "How long it is good for (default 30).", HelpName = "N" };
        var scope = PermissionText.Option("--scope", "What it may do of what the user may");
        return OnlineVerb.Do(
            "create", "Makes a key. It is shown this once.", KeysExample,
            parsed => (HttpMethod.Post, ServerPath.Of("keys"), new
            {
                label = parsed.GetValue(label),
                user = parsed.GetValue(user),
                expiresInDays = parsed.GetValue(days),
                scope = (parsed.GetValue(scope) ?? []).Select(PermissionText.Parse),
            }),
            label, user, days, scope);
    }

    private static Command RevokeKey()
    {
        var id = new Argument<string>("ID") { Description = "The id of the key, which is no secret." };
        return OnlineVerb.Do(
            "revoke", "Ends a key.", "ledgerfold keys revoke 4f1c0c8a77d24a7f",
            parsed => (HttpMethod.Delete, ServerPath.Of("keys", parsed.GetValue(id)!), null), id);
    }

    private static Argument<string> User() => new("USER") { Description = "The user." };

    private static Argument<string> Role() => new("ROLE") { Description = "The role." };

    // --tenant is that of the call
    private static Option<string?> In() => new("--in") { Description = "In this tenant only.", HelpName = "TENANT" };

    private static Option<string?> Category() => new("--category")
    {
        Description = "On streams of this category only.",
        HelpName = "CATEGORY",
    };
}

using System.Collections.Immutable;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;
using Microsoft.Extensions.DependencyInjection;

namespace Ledgerfold.Server.Tests.Allowing;

/// <summary>Users with keys, made by the owner.</summary>
internal static class Callers
{
    /// <summary>A user who may do this and nothing else; the answer is a key of theirs that lets all of it through.</summary>
    public static async Task<string> Key(this RunningServer server, string user, params ImmutableArray<Permission> permissions)
    {
        await server.Do(new CreateUser(user));
        if (!permissions.IsEmpty)
            await server.Do(new DefineRole($"of-{user}", permissions), new GrantRole(user, $"of-{user}"));
        return await server.KeyFor(user, BuiltInRoles.Owner.Permissions);
    }

    /// <summary>A key of a user who is there.</summary>
    public static async Task<string> KeyFor(this RunningServer server, string user, ImmutableArray<Permission> scope)
    {
        var (office, clock) = (server.Get<KeyOffice>(), server.Get<TimeProvider>());
        var key = await office.Issue(
            user, "tests", scope, clock.GetUtcNow().AddDays(300), OwnersKey.OwnerOf(server.App.Services), TestContext.Current.CancellationToken);
        Assert.IsType<PolicyAnswer.Done>(key.Answer);
        return key.Key!;
    }

    /// <summary>What the owner changes.</summary>
    public static async Task Do(this RunningServer server, params PolicyCommand[] commands)
    {
        foreach (var command in commands)
            await OwnersKey.Do(server.Get<PolicyDesk>(), command, OwnersKey.OwnerOf(server.App.Services));
    }

    /// <summary>A call with a key, or with none.</summary>
    public static async Task<Answer> Call(
        this RunningServer server,
        string? key,
        string method,
        string path,
        string? json = null,
        string? tenant = null,
        params (string Name, string Value)[] headers)
    {
        using var client = server.ClientWith(key);
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null)
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        if (tenant is not null)
            request.Headers.Add("Ledgerfold-Tenant", tenant);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await RunningServer.Send(client, request);
    }
}

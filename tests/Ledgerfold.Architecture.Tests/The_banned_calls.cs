using System.Reflection;

namespace Ledgerfold.Architecture.Tests;

/// <summary>The analyser passes over a symbol that it does not know without a word, so a misspelt ban bans nothing.</summary>
public sealed class The_banned_calls
{
    private static IEnumerable<SourceFile> Lists =>
        Repository.TextFiles.Where(file => file.Name.StartsWith("BannedSymbols.", StringComparison.Ordinal));

    [Fact]
    public void Are_all_known_to_the_framework() => Finding.None(Lists.SelectMany(Check));

    [Fact]
    public void Are_all_seen_by_the_engine()
    {
        var props = Repository.Read("src/Directory.Build.props")!.Text + Repository.Read("Directory.Build.props")!.Text;

        Assert.All(Lists, list => Assert.Contains(list.Path, props));
    }

    [Theory]
    [InlineData("T:System.DateTimes;Use TimeProvider", "is not known")]
    [InlineData("M:System.Guid.NewGuid();Use IChance", "is not known")]
    [InlineData("M:System.Threading.Tasks.Task.Wait(System.String);Await it", "is not known")]
    [InlineData("M:System.Guid.NewGuid", "names no replacement")]
    public void Are_seen_to_ban_nothing(string line, string complaint) =>
        Assert.Contains(complaint, Assert.Single(Check(new SourceFile("eng/BannedSymbols.txt", line))).Message);

    private static IEnumerable<Finding> Check(SourceFile list)
    {
        foreach (var (index, line) in list.Lines.Index())
        {
            if (line.Length == 0)
                continue;
            var parts = line.Split(';', 2);
            if (parts.Length < 2 || parts[1].Trim().Length == 0)
                yield return new Finding(list.Path, index + 1, $"{parts[0]} names no replacement");
            if (!IsKnown(parts[0]))
                yield return new Finding(list.Path, index + 1, $"{parts[0]} is not known");
        }
    }

    private static bool IsKnown(string symbol)
    {
        var path = symbol[2..].Split('(')[0];
        var owner = symbol[0] == 'T' ? path : path[..path.LastIndexOf('.')].TrimEnd('.');
        var type = AppDomain.CurrentDomain.GetAssemblies()
            .Append(typeof(Parallel).Assembly).Append(typeof(System.Diagnostics.Stopwatch).Assembly)
            .Append(typeof(System.Security.Cryptography.RandomNumberGenerator).Assembly)
            .Select(assembly => assembly.GetType(owner)).FirstOrDefault(found => found is not null);
        return type is not null && (symbol[0] == 'T' || type.GetMembers().Any(member => DocumentationId(member) == symbol));
    }

    /// <summary>The name of a member as documentation comments write it.</summary>
    private static string? DocumentationId(MemberInfo member) => member switch
    {
        PropertyInfo property => $"P:{property.DeclaringType!.FullName}.{property.Name}",
        MethodBase method => $"M:{method.DeclaringType!.FullName}.{(method.IsConstructor ? "#ctor" : method.Name)}{SignatureId(method)}",
        _ => null,
    };

    private static string SignatureId(MethodBase method)
    {
        var generic = method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "";
        var parameters = string.Join(',', method.GetParameters().Select(parameter => TypeId(parameter.ParameterType)));
        return parameters.Length > 0 ? $"{generic}({parameters})" : generic;
    }

    private static string TypeId(Type type)
    {
        if (type.IsArray)
            return TypeId(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter)
            return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        if (!type.IsGenericType)
            return type.FullName!;
        return $"{type.Namespace}.{type.Name.Split('`')[0]}{{{string.Join(',', type.GetGenericArguments().Select(TypeId))}}}";
    }
}

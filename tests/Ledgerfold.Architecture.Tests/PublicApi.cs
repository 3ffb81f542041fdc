using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ledgerfold.Architecture.Tests;

/// <summary>
/// The public face of an assembly as text: one line per type and member that code outside can see, sorted, so that a change of it is a
/// change of a file that somebody reads. What the compiler adds to a record goes without saying.
/// </summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly) => Of(assembly.GetExportedTypes());

    public static string Of(IEnumerable<Type> types) =>
        string.Join('\n', types.OrderBy(ApiText.FullName, StringComparer.Ordinal).Select(Block));

    private static string Block(Type type)
    {
        if (IsDelegate(type))
            return $"{Head(type)}\n";
        var members = type.IsEnum ? EnumMembers(type) : Members(type);
        return $"{Head(type)}\n{string.Concat(members.Order(StringComparer.Ordinal).Select(member => $"    {member}\n"))}";
    }

    private static string Head(Type type)
    {
        if (IsDelegate(type))
            return $"delegate {Signature(type.GetMethod("Invoke")!, ApiText.FullName(type))}";
        var record = IsRecord(type) ? "record " : "";
        var kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsEnum: true } => "enum",
            { IsValueType: true } => $"{(type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "")}{record}struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => $"abstract {record}class",
            { IsSealed: true } => $"sealed {record}class",
            _ => $"{record}class",
        };
        var bases = string.Join(", ", Bases(type));
        return $"{kind} {ApiText.FullName(type)}{(bases.Length > 0 ? $" : {bases}" : "")}{Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<string> Bases(Type type)
    {
        if (type.IsEnum)
            return Enum.GetUnderlyingType(type) is var underlying && underlying != typeof(int) ? [ApiText.Name(underlying)] : [];
        var above = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? parent : null;
        var inherited = type.GetInterfaces().SelectMany(implemented => implemented.GetInterfaces()).Concat(above?.GetInterfaces() ?? []);
        var own = type.GetInterfaces().Except(inherited)
            .Where(implemented => implemented.IsPublic || implemented.IsNestedPublic)
            .Where(implemented => !IsRecord(type) || implemented != typeof(IEquatable<>).MakeGenericType(type))
            .Select(ApiText.Name).Order(StringComparer.Ordinal);
        return above is null ? own : own.Prepend(ApiText.Name(above));
    }

    private static IEnumerable<string> EnumMembers(Type type) =>
        Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}");

    private static IEnumerable<string> Members(Type type)
    {
        foreach (var constructor in type.GetConstructors(Declared).Where(IsVisible).Where(constructor => !IsGenerated(constructor)))
            yield return $"{Access(constructor)}new({Parameters(constructor)})";
        foreach (var field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly))
            yield return Field(field);
        foreach (var property in type.GetProperties(Declared).Where(property => property.Name != "EqualityContract"))
        {
            if (property.GetAccessors(true).Any(IsVisible))
                yield return Property(property);
        }

        foreach (var raised in type.GetEvents(Declared).Where(raised => IsVisible(raised.AddMethod!)))
            yield return $"{Modifiers(raised.AddMethod!)}event {ApiText.Annotated(raised)} {raised.Name}";
        foreach (var method in type.GetMethods(Declared).Where(method => IsVisible(method) && !IsGenerated(method) && !IsAccessor(method)))
            yield return $"{Modifiers(method)}{Signature(method, method.Name)}";
    }

    private static string Field(FieldInfo field)
    {
        var access = field.IsPublic ? "" : "protected ";
        var kind = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
        var value = field.IsLiteral ? $" = {ApiText.Literal(field.GetRawConstantValue())}" : "";
        return $"{access}{kind}{ApiText.Annotated(field)} {field.Name}{value}";
    }

    private static string Property(PropertyInfo property)
    {
        var accessors = property.GetAccessors(true).Where(IsVisible).ToArray();
        var leading = accessors.FirstOrDefault(accessor => accessor.IsPublic) ?? accessors[0];
        string Accessor(MethodInfo accessor)
        {
            var word = accessor.ReturnType != typeof(void) ? "get"
                : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init" : "set";
            return accessor.IsPublic == leading.IsPublic ? $"{word}; " : $"{Access(accessor)}{word}; ";
        }

        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var isIndexer = property.GetIndexParameters().Length > 0;
        var name = isIndexer ? $"this[{Parameters(property.GetMethod ?? property.SetMethod!)}]" : property.Name;
        return $"{Modifiers(leading)}{required}{ApiText.Annotated(property)} {name} {{ {string.Concat(accessors.Select(Accessor))}}}";
    }

    private static string Signature(MethodInfo method, string name)
    {
        var arguments = method.GetGenericArguments();
        var generic = arguments.Length > 0 ? $"<{string.Join(", ", arguments.Select(argument => argument.Name))}>" : "";
        return $"{ApiText.Annotated(method.ReturnParameter)} {name}{generic}({Parameters(method)}){Constraints(arguments)}";
    }

    private static string Parameters(MethodBase method)
    {
        var extends = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        var parameters = method.GetParameters().Where(parameter => method.Name != "set_Item" || parameter.Name != "value");
        return extends + string.Join(", ", parameters.Select(ApiText.Parameter));
    }

    private static string Constraints(Type[] arguments) => string.Concat(arguments.Select(argument =>
    {
        var flags = argument.GenericParameterAttributes;
        var constraints = new List<string>();
        if (flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
            constraints.Add("struct");
        else if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            constraints.Add("class");
        constraints.AddRange(argument.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(ApiText.Name));
        if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && constraints is not ["struct", ..])
            constraints.Add("new()");
        return constraints.Count > 0 ? $" where {argument.Name} : {string.Join(", ", constraints)}" : "";
    }));

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface)
            return method.IsStatic ? "static " : "";
        var kind = method switch
        {
            { IsStatic: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: false } when method.GetBaseDefinition() != method => "override ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
        return Access(method) + kind;
    }

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsGenerated(MethodBase method) => method.IsDefined(typeof(CompilerGeneratedAttribute));

    private static bool IsAccessor(MethodInfo method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool IsDelegate(Type type) => type.BaseType == typeof(MulticastDelegate);

    private static bool IsRecord(Type type) =>
        type.GetMethod("<Clone>$") is not null
        || (type.IsValueType && type.GetMethod("PrintMembers", Declared)?.IsDefined(typeof(CompilerGeneratedAttribute)) == true);
}

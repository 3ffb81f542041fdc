using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ledgerfold.Architecture.Tests;

/// <summary>Types, parameters and values as C# writes them, with nullability.</summary>
internal static class ApiText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    /// <summary>With its namespace, and the parameters of a generic type.</summary>
    public static string FullName(Type type) => $"{type.Namespace}.{Name(type)}";

    public static string Name(Type type) => Name(type, null);

    public static string Annotated(PropertyInfo property) => Name(property.PropertyType, new NullabilityInfoContext().Create(property));

    public static string Annotated(FieldInfo field) => Name(field.FieldType, new NullabilityInfoContext().Create(field));

    public static string Annotated(EventInfo raised) => Name(raised.EventHandlerType!, new NullabilityInfoContext().Create(raised));

    public static string Annotated(ParameterInfo parameter) =>
        parameter.ParameterType.IsByRef
            ? "ref " + Name(parameter.ParameterType.GetElementType()!)
            : Name(parameter.ParameterType, new NullabilityInfoContext().Create(parameter));

    public static string Parameter(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        var passed = !type.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        var isMany = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute));
        var many = isMany ? "params " : "";
        var name = type.IsByRef ? Name(type.GetElementType()!) : Annotated(parameter);
        var optional = parameter.HasDefaultValue ? $" = {Literal(parameter.DefaultValue)}" : "";
        return $"{many}{passed}{name} {parameter.Name}{optional}";
    }

    public static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        char character => $"'{character}'",
        Enum named => $"{named.GetType().Name}.{named}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type, NullabilityInfo? nullability)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Name(underlying, nullability?.GenericTypeArguments is [var inner] ? inner : null) + "?";
        var mark = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
            return $"{Name(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        if (type.IsGenericParameter)
            return type.Name + mark;
        if (type.IsPointer)
            return Name(type.GetElementType()!) + "*";
        return Keywords.TryGetValue(type, out var keyword) ? keyword + mark : Qualified(type, nullability) + mark;
    }

    /// <summary>The name behind those of the types around it, whose arguments a nested type repeats: they are dealt out by arity.</summary>
    private static string Qualified(Type type, NullabilityInfo? nullability)
    {
        var known = nullability?.GenericTypeArguments ?? [];
        var names = type.GetGenericArguments().Select((argument, index) => Name(argument, known.ElementAtOrDefault(index)));
        var arguments = new Queue<string>(names);
        var chain = new Stack<Type>();
        for (var at = type; at is not null; at = at.DeclaringType)
            chain.Push(at);
        return string.Join('.', chain.Select(part =>
        {
            var tick = part.Name.IndexOf('`');
            if (tick < 0)
                return part.Name;
            var arity = int.Parse(part.Name.AsSpan(tick + 1), CultureInfo.InvariantCulture);
            return $"{part.Name[..tick]}<{string.Join(", ", Enumerable.Range(0, arity).Select(_ => arguments.Dequeue()))}>";
        }));
    }
}

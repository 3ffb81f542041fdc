namespace Ledgerfold.Architecture.Tests;

/// <summary>
/// C# text with comments, literals and directives replaced by blanks, every character else in its place: what is left can be read with
/// counting of braces alone. Both branches of an <c>#if</c> stay.
/// </summary>
internal sealed class CodeText
{
    private readonly string _text;
    private readonly char[] _code;
    private int _at;

    private CodeText(string text)
    {
        _text = text;
        _code = text.ToCharArray();
    }

    public static string Blank(string text)
    {
        var code = new CodeText(text);
        code.SkipCode(untilBrace: false);
        return new string(code._code);
    }

    private char Current => Peek(0);

    private char Peek(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    /// <summary>Reads code to its end, or within a literal's hole to the brace that closes it.</summary>
    private void SkipCode(bool untilBrace)
    {
        var depth = 0;
        while (_at < _text.Length)
        {
            if (untilBrace && Current == '}' && depth == 0)
                return;
            if (Current == '/' && Peek(1) == '/')
                BlankTo(EndOfLine());
            else if (Current == '/' && Peek(1) == '*')
                BlankTo(After("*/", _at + 2));
            else if (Current == '#' && IsFirstOfLine())
                BlankTo(EndOfLine());
            else if (Current == '\'')
                BlankCharacter();
            else if (Current is '"' or '$' or '@' && TrySkipString())
                continue;
            else
                depth += Step();
        }
    }

    private int Step()
    {
        var character = _text[_at++];
        return character switch { '{' => 1, '}' => -1, _ => 0 };
    }

    /// <summary>Skips any form of string that begins here; false where the characters mean something else.</summary>
    private bool TrySkipString()
    {
        var prefix = 0;
        while (Peek(prefix) is '$' or '@')
            prefix++;
        if (Peek(prefix) != '"')
        {
            _at += prefix;
            return prefix > 0;
        }

        var dollars = _text.AsSpan(_at, prefix).Count('$');
        var verbatim = _text.AsSpan(_at, prefix).Contains('@');
        var quotes = 0;
        while (Peek(prefix + quotes) == '"')
            quotes++;
        if (quotes >= 3 && !verbatim)
            SkipRaw(prefix, quotes, dollars);
        else
            SkipQuoted(prefix, verbatim, dollars > 0);
        return true;
    }

    private void SkipQuoted(int prefix, bool verbatim, bool holes)
    {
        BlankTo(_at + prefix + 1);
        while (_at < _text.Length)
        {
            if (Current == '\\' && !verbatim)
                BlankTo(_at + 2);
            else if (Current == '"' && verbatim && Peek(1) == '"')
                BlankTo(_at + 2);
            else if (holes && Current is '{' or '}' && Peek(1) == Current)
                BlankTo(_at + 2);
            else if (holes && Current == '{')
                SkipHole(1);
            else if (Current == '"')
                break;
            else
                BlankTo(_at + 1);
        }

        BlankTo(_at + 1);
    }

    private void SkipRaw(int prefix, int quotes, int dollars)
    {
        var fence = new string('"', quotes);
        var hole = new string('{', Math.Max(dollars, 1));
        BlankTo(_at + prefix + quotes);
        while (_at < _text.Length && !At(fence))
        {
            if (dollars > 0 && At(hole))
                SkipHole(dollars);
            else
                BlankTo(_at + 1);
        }

        BlankTo(_at + quotes);
    }

    /// <summary>The braces of a hole are blanked with the literal; the code in it stays.</summary>
    private void SkipHole(int braces)
    {
        BlankTo(_at + braces);
        SkipCode(untilBrace: true);
        BlankTo(_at + braces);
    }

    private void BlankCharacter()
    {
        BlankTo(_at + 1);
        while (_at < _text.Length && Current is not '\'' and not '\n')
            BlankTo(_at + (Current == '\\' ? 2 : 1));
        BlankTo(_at + 1);
    }

    private bool At(string what) => string.CompareOrdinal(_text, _at, what, 0, what.Length) == 0;

    private bool IsFirstOfLine() => _text.AsSpan(0, _at).TrimEnd(' ') is var before && (before.IsEmpty || before[^1] == '\n');

    private int EndOfLine() => _text.IndexOf('\n', _at) is var end && end < 0 ? _text.Length : end;

    private int After(string what, int from) => _text.IndexOf(what, from, StringComparison.Ordinal) is var found && found < 0
        ? _text.Length
        : found + what.Length;

    private void BlankTo(int end)
    {
        for (; _at < Math.Min(end, _text.Length); _at++)
        {
            if (_code[_at] != '\n')
                _code[_at] = ' ';
        }
    }
}

// A text area into an editor: colours, completion, prefixes declared as they are typed, a mark where an error is.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { sparql } from "codemirror-lang-sparql";
import { declaration, source } from "./complete.js";
import { tokens } from "./scan.js";

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.string, tags.number, tags.bool, tags.annotation], color: "var(--contrast)" },
  { tag: tags.url, color: "var(--muted)" },
  { tag: tags.variableName, fontWeight: "600" },
]);
const line = "1px solid var(--rule)";
const look = EditorView.theme({
  "&": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--muted)", fontSize: "14px" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: "ui-monospace, monospace", lineHeight: "1.5", minHeight: "12rem", maxHeight: "60vh" },
  ".cm-content": { caretColor: "var(--ink)", padding: "8px 0" },
  ".cm-gutters": { backgroundColor: "var(--soft)", color: "var(--muted)", borderRight: line },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--soft)" },
  ".cm-gutter-lint": { width: "14px" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--accent)" },
  ".cm-tooltip": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--muted)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { maxHeight: "none", fontFamily: "ui-monospace, monospace", fontSize: "14px", maxWidth: "min(90vw, 40rem)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--paper)" },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "1" },
  ".cm-diagnostic": { borderLeft: "4px solid var(--contrast)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--contrast) 2px", textUnderlineOffset: "3px" },
});

/**
 * Takes over what is typed over a selection: browsers copy the style of what they replace into the new text, which
 * the page's policy refuses with a message. Brackets and quotes are left to the extension that closes them.
 */
const overwriting = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data, inputType, isComposing } = event;
    if (inputType !== "insertText" || isComposing || !data || view.state.selection.main.empty) return false;
    if (view.state.selection.ranges.length > 1 || /^[([{"'<]$/u.test(data)) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

/** Declares known prefixes in the step in which they are typed, pasted or completed. */
function declaring(vocabulary) {
  return EditorState.transactionFilter.of((step) => {
    if (!step.docChanged || !step.isUserEvent("input")) return step;
    let named = false;
    step.changes.iterChanges((_1, _2, _3, _4, inserted) => (named ||= inserted.toString().includes(":")));
    const changes = named && declaration(step.newDoc.toString(), vocabulary.prefixes);
    return changes ? [step, { changes, sequential: true }] : step;
  });
}

/**
 * Puts an editor into a host element; returns {text, put, mark, focus}.
 *
 * It stands in a tree of its own: there its styles are sheets made by the script, which the page's policy allows,
 * while elements of style would be refused.
 */
export function makeEditor(host, { text, vocabulary, language, words, run, changed }) {
  const root = host.attachShadow({ mode: "open" });
  const clear = (update) => {
    if (!update.docChanged) return;
    changed();
    queueMicrotask(() => update.view.dispatch(setDiagnostics(update.view.state, [])));
  };
  const view = new EditorView({
    root, parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(keymap.of([
          { key: "Mod-Enter", run: () => (run(), true) },
          { key: "Alt-/", run: startCompletion },
        ])),
        lineNumbers(), lintGutter(), history(), bracketMatching(), closeBrackets(), indentOnInput(), highlightActiveLine(),
        highlightActiveLineGutter(), EditorView.lineWrapping, sparql(), syntaxHighlighting(colours), look, declaring(vocabulary), overwriting,
        autocompletion({ override: [source(vocabulary, language)], icons: false, maxRenderedOptions: 10 }),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": words.editor, "aria-describedby": "keys", spellcheck: "false", autocapitalize: "off" }),
        EditorView.updateListener.of(clear), EditorState.phrases.of(words.phrases),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    put: (whole) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: whole } }),
    mark: (error) => mark(view, error),
    focus: () => view.focus(),
  };
}

/** Marks the token at a line and a column, both counted from 1, the column in characters, and puts the cursor there. */
function mark(view, { line: number, column, message }) {
  const { doc } = view.state;
  const row = doc.line(Math.min(Math.max(number, 1), doc.lines));
  const before = Array.from(row.text).slice(0, column - 1).join("").length;
  const at = Math.min(row.from + before, row.to);
  const token = tokens(doc.toString()).find((each) => each.from <= at && at < each.to);
  const from = token ? token.from : Math.max(at - 1, row.from);
  const to = Math.min(token ? token.to : at, row.to);
  view.dispatch(setDiagnostics(view.state, [{ from, to: Math.max(to, from), severity: "error", message }]));
  view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
}

//! As much of Markdown as the tests of the documents need.

/// A fenced block: its language, its lines, and what stands on the line before the fence.
pub(crate) struct Block {
    pub(crate) language: String,
    pub(crate) text: String,
    pub(crate) before: String,
    /// The number of its first line.
    pub(crate) line: usize,
}

/// The fenced blocks of a text.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let (mut blocks, mut open, mut before) = (Vec::new(), None::<Block>, "");
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(language), None) => {
                open = Some(Block {
                    language: language.to_owned(),
                    text: String::new(),
                    before: before.to_owned(),
                    line: number + 2,
                });
            }
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
        before = line;
    }
    assert!(open.is_none(), "a fence is not closed");
    blocks
}

/// The lines outside fences, with their numbers from 1.
pub(crate) fn outside_fences(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let fence = line.starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((line, number + 1))
    })
}

/// The cells of a table's row; none for another line.
pub(crate) fn cells(line: &str) -> Vec<&str> {
    match line
        .strip_prefix('|')
        .and_then(|line| line.trim_end().strip_suffix('|'))
    {
        Some(inner) => inner.split('|').map(str::trim).collect(),
        None => Vec::new(),
    }
}

/// What stands in single backquotes.
pub(crate) fn quoted(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The files that a line links to, without their anchors.
pub(crate) fn links(line: &str, number: usize) -> Vec<(String, usize)> {
    let targets = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    let without_anchor = |target: &str| target.split('#').next().unwrap_or(target).to_owned();
    files
        .map(|target| (without_anchor(target), number))
        .collect()
}

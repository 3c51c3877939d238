-- The pages of every site by their rank; some have a query string.
create table pages
engine = MergeTree
order by page_rank as
with
    ['shop', 'magazine', 'help', 'news', 'blog', 'team', 'products', 'events', 'press', 'archive'] as sections,
    [
        'river', 'paddle', 'canoe', 'kayak', 'winter', 'summer', 'guide', 'family', 'weekend', 'journey', 'camping', 'forest',
        'island', 'harbour', 'story', 'repair', 'first', 'calm', 'wild', 'folding', 'carbon', 'cedar', 'water', 'night'
    ] as words
select
    toUInt32(number + 1) as page_rank,
    sections[1 + cityHash64(page_rank, 'section') % length(sections)] as section,
    words[1 + cityHash64(page_rank, 1) % length(words)] as one,
    words[1 + cityHash64(page_rank, 2) % length(words)] as two,
    multiIf(
        page_rank % 5 = 0, concat('?page=', toString(1 + page_rank % 9)),
        page_rank % 7 = 0, concat('?colour=', words[1 + page_rank % 24], '&size=', toString(page_rank % 50)),
        ''
    ) as query,
    if(page_rank = 1, '/', concat('/', section, '/', one, '-and-', two, '-', toString(page_rank), query)) as path,
    if(page_rank = 1, 'Example', concat(upper(left(one, 1)), substring(one, 2), ' and ', two, ' ', toString(page_rank), ' | Example'))
        as title
from numbers({pages:UInt32})

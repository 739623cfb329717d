"""Grammar of the synthetic restaurant reviews.

A rule lists its alternatives, separated by bars, the most frequent first; `{name}` is replaced by an alternative of
another rule. Spaces beside a bar are significant, so an alternative may be empty. Rules must not be recursive.
"""

from __future__ import annotations

GRAMMAR: dict[str, str] = {
    # Sentences, without the initial capital and the final punctuation mark.
    "positive": "{praise}|{praise} and {praise}|{praise}|{opener}{praise}|{praise}, {closer}|{praise}, so {happy}"
    "|{complaint}, but {praise}|{turn to praise}|{praise} even though {complaint}",
    "negative": "{complaint}|{complaint} and {complaint}|{complaint}|{opener}{complaint}|{complaint}, {closer}"
    "|{complaint}, so {unhappy}|{praise}, but {complaint}|{turn to complaint}|{complaint} even though {praise}",
    "turn to praise": "I expected the {dish} to be {bland}, but {praise}|{complaint}. Still, {praise}",
    "turn to complaint": "I expected the {dish} to be {tasty}, but {complaint}|{praise}. Still, {complaint}",
    "neutral": "we {came} {when} with {company}|I {ordered} the {dish} and {company} had the {dishes}"
    "|{ordered} the {dish}, the {dishes} and {drink}|this was {visit} visit to this {place}"
    "|{company} wanted {drink} and the {dish}|it is {where}, so {parking}|we sat {seat} and {ordered} {drink}"
    '|the {staff} asked, "{question}"|they have {dishes}, {dishes} and {drink} on the menu'
    "|the {place} is {where} and {open}|my usual is the {dish} with {drink}"
    '|the sign says "{sign}"|{company} picked this {place} for {occasion}|has anyone tried the {dish}?',
    # Praise.
    "praise": "the {dish} {was} {very}{tasty}|the {staff} was {very}{kind}|the {dishes} were {very}{tasty}"
    "|we {loved} the {dish}|the {room} {was} {very}{cosy}|I {recommend} the {dish}|the price was {very}{fair}"
    "|the {dish} was {tasty} and {very}{tasty}|the {staff} was {kind} and {kind}|{happy}"
    "|the {dish} was {not bad}|our {dishes} came {very}{promptly}|{wait short}|the {staff} {helps}"
    "|they have {superlative} {dish} in {town}|the {dish} {never fails}|I had no complaints about the {dishes}"
    "|{company} {loved} the {dishes} too",
    "tasty": "great|delicious|good|amazing|fresh|excellent|perfect|tasty|awesome|fantastic|wonderful|crispy"
    "|tender|flavorful|incredible|divine",
    "kind": "friendly|great|attentive|excellent|nice|awesome|helpful|polite|welcoming|professional",
    "cosy": "nice|great|clean|beautiful|fantastic|cozy|lovely|charming",
    "fair": "great|reasonable|fair|excellent|affordable",
    "promptly": "fast|quickly|hot and fresh|promptly|in no time",
    "loved": "loved|enjoyed|love|really enjoyed|adored",
    "recommend": "love|highly recommend|recommend|can't get enough of|dream about",
    "happy": "we will {surely}be back|I {surely}can't wait to come back|everyone left happy|highly recommended"
    "|this {place} is a gem|it is my favorite {place} in {town}|worth every penny|thank you all",
    "not bad": "not bad at all|never disappointing|not expensive|anything but boring|not too salty",
    "wait short": "there was no wait|we did not wait long|we got a table right away|our order was ready early",
    "helps": "took great care of us|made us feel at home|went above and beyond|never let us down"
    '|said "on the house" and meant it',
    "superlative": "the best|by far the best|the freshest|easily my favorite|the tastiest",
    "never fails": "never disappoints|is always a treat|hit the spot|exceeded our expectations|did not disappoint",
    # Complaints.
    "complaint": "the {dish} {was} {very}{bland}|the {staff} was {very}{rude}|the {dishes} were {very}{bland}"
    "|we {hated} the {dish}|the {room} {was} {very}{dirty}|I {advise against} the {dish}"
    "|the price was {very}{unfair}|the {dish} was {bland} and {very}{bland}|the {staff} was {rude} and {rude}"
    "|{unhappy}|the {dish} was {not good}|our {dishes} came {very}{late}|{wait long}|the {staff} {fails}"
    "|they have {worst} {dish} in {town}|the {dish} {never pleases}|I had no luck with the {dishes}"
    "|{company} {hated} the {dishes} too",
    "bland": "terrible|bad|cold|bland|horrible|awful|dry|disappointing|greasy|disgusting|mediocre|soggy|overcooked"
    "|tasteless|stale|burnt",
    "rude": "rude|slow|terrible|horrible|awful|bad|unfriendly|careless|unprofessional|clueless",
    "dirty": "dirty|terrible|loud|disgusting|awful|filthy|sticky|depressing",
    "unfair": "terrible|high|ridiculous|horrible|outrageous",
    "late": "late|cold|wrong|slowly|after an hour",
    "hated": "hated|did not like|did not enjoy|regretted|sent back",
    "advise against": "would not recommend|hated|can't recommend|won't order|got sick from",
    "unhappy": "we will {surely}not be back|I {surely}won't come back|everyone left hungry|not recommended"
    "|this {place} is a joke|what a waste of money|save your money|never again",
    "not good": "not good|not worth it|not fresh|nothing special|not great at all|hardly edible|overpriced",
    "wait long": "we waited over an hour|the wait was too long|nobody came to our table|they forgot our order",
    "fails": "ignored us|never came back|got our order wrong|forgot about us|argued with us"
    '|said "not my problem" and left',
    "worst": "the worst|by far the worst|the saddest|easily the blandest|the greasiest",
    "never pleases": "never arrived|was a huge disappointment|made me sick|had no flavor|let us down",
    # Words of either sentiment.
    "was": "was|was|is|is always|seemed|looked",
    "very": "||very |really |so |pretty |absolutely |just |extremely |super |incredibly ",
    "surely": "|definitely |probably |certainly ",
    "opener": "I have to say |honestly, |overall, |as always, |to be fair, |wow, |in my opinion, ",
    "closer": "as usual|I think|to be honest|in my opinion|again|if you ask me|every time",
    # Who, what, where and when.
    "dish": "food|pizza|chicken|burger|soup|salad|steak|sushi|pasta|pork|curry|sandwich|salmon|dessert|rice|ramen"
    "|lasagna|meal|breakfast|brisket|cheesecake|risotto",
    "dishes": "tacos|fries|noodles|wings|appetizers|ribs|pancakes|dumplings|oysters|sides|eggs|burritos|meatballs"
    "|vegetables|desserts|enchiladas",
    "drink": "a beer|coffee|a glass of wine|iced tea|two sodas|a margarita|water|lemonade|a milkshake",
    "staff": "service|staff|waitress|server|manager|waiter|owner|bartender|hostess|chef|cashier",
    "place": "place|restaurant|location|bar|spot|cafe|diner",
    "room": "place|atmosphere|restaurant|dining room|patio|bar",
    "company": "my wife|my husband|my friend|a friend|my family|my mom|the kids|my boyfriend|my sister|a coworker"
    "|my girlfriend|my dad|our group",
    "came": "came here|went|stopped by|stopped in|ate here|drove over|came in",
    "ordered": "ordered|had|got|tried|started with|shared|split",
    "when": "for lunch|last night|on a Friday night|for dinner|on Sunday morning|last week|after work|at 7 pm"
    "|around noon|yesterday|before a show|in July|on our way to Phoenix",
    "visit": "my first|our second|my third|our first|probably my tenth|our last",
    "where": "on the corner|downtown|next to the mall|near the airport|across from the theater|in a strip mall"
    "|near our hotel|off the highway|by the park",
    "town": "town|the city|Phoenix|Montréal|Las Vegas|Pittsburgh|the area|the valley|Charlotte",
    "parking": "we parked on the street|we walked|we took a cab|there is parking behind it|we took the bus",
    "seat": "outside|at the bar|by the window|inside|in a booth|upstairs|at a table near the door",
    "open": "opens at {hour}|closes at {hour}|is closed on Mondays|serves breakfast until {hour}|takes cards",
    "hour": "10|11|9|8:30|noon|10:30|6",
    "question": "how many?|inside or outside?|have you been here before?|do you want {drink}?|who had the {dish}?"
    "|one check or two?",
    "sign": "please wait to be seated|open late|cash only|today: {dish}, {drink}|ask for the {dish}|est. 1987",
    "occasion": "a birthday|our anniversary|a quick lunch|date night|a work dinner|brunch|graduation",
    # Between sentences.
    "mark": ".|.|.|.|.|!|!|...|!!|...",
    "gap": " | | | |  |\n|\n\n",
}

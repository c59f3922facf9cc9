"""English running text from sentence parts: news, blogs, shop texts, chatter, teaching, navigation."""

from random import Random

from mammoth_spark.demo.exercises.exercise import NAMES

SURNAMES = (
    "Aldous", "Brandt", "Castell", "Dorn", "Eriksen", "Fairweather", "Gupta", "Holm", "Ibarra", "Jansen",
    "Kowal", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Quist", "Rossi", "Sandoval", "Thorne",
    "Ude", "Varga", "Whitlock", "Yilmaz", "Zeman",
)  # fmt: skip
PLACES = (
    "Marrowgate", "Tilsbury", "Oderfeld", "Ravensholm", "Lindenau", "Castelvar", "Brinmoor", "Stavenes",
    "Quellin", "Port Halden", "Upper Wickham", "Saltery Bay", "Eastmere", "Korvik", "Dunstead",
    "Alderney Cross",
)  # fmt: skip
BODIES = (
    "the city council", "the ministry of transport", "a group of residents", "the regional hospital",
    "the school board", "the harbour authority", "the farmers' union", "a local brewery",
    "the football club", "the water company", "the national museum", "the examinations office",
    "the chamber of commerce", "the fire brigade", "the orchestra",
)  # fmt: skip
ACTS = (
    "presented a plan to rebuild the old market hall",
    "rejected the budget for the coming year",
    "announced the closing of two branches",
    "called for calm after the weekend's storm",
    "opened an inquiry into late deliveries",
    "signed a contract for forty electric buses",
    "postponed the vote on the new by-pass",
    "published figures on last winter's visitors",
    "cancelled the spring festival",
    "asked the government for emergency funds",
    "confirmed that the exam papers had been sent to the wrong schools",
    "defended its decision to raise the fees",
    "welcomed a delegation from abroad",
    "withdrew its objection to the wind farm",
    "promised to answer all questions at a public meeting",
    "extended the deadline for applications",
)
DETAILS = (
    "According to the report, the work will take about {n} months.",
    "Critics say that the costs of {n} million are far too low.",
    "Some {n} people came to the meeting on {day}, more than the hall could hold.",
    "A spokesman declined to comment on {day}.",
    '"We have waited {n} years for this," said {person}, who lives nearby.',
    "The question of who will pay remains open.",
    "Similar plans failed {n} years ago in {place}.",
    "{person} of {place} called the decision a surprise.",
    "Shops along the main road expect lower sales until {month}.",
    "The opposition demanded an answer before the end of {month}.",
    "In {place}, where {n} families are affected, the mood is different.",
    "Students protested because the final exam was moved to {month}.",
    '"There is no problem that cannot be solved," {person} told reporters in {place}.',
    "The next hearing is set for {day}.",
    "Police counted {n} damaged cars after the storm.",
    "A survey of {n} readers gave no clear result.",
    ("The teachers' association said that {n} per cent of pupils had passed the test, fewer than last year."),
    "{person}, who chairs the committee, expects a decision in {month}.",
    "Tickets are sold from {day} at the usual places.",
    "Nobody was hurt, but the road to {place} stayed closed for {n} hours.",
    "The match ended without goals before {n} spectators.",
    "It rained on {n} days in {month}, the weather service in {place} reports.",
    "For {person} it is the second award this year.",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
BLOG = (
    "Yesterday I finally found time to {verb}.",
    "My neighbour {name} says that {thing} is overrated, and I half agree.",
    "After {n} years of teaching I still get nervous before the first lesson.",
    "If you ask me, the best part of {place} is the market on {day}.",
    "I bought {thing} for the balcony, which was a mistake.",
    "The children wanted to {verb}, so we did.",
    "Do you know the feeling when {thing} just works?",
    "On {day} we walked {n} kilometres and talked about everything and nothing.",
    "I promised to write about {thing}, so here it is.",
    "My students keep asking me questions that I cannot answer, and that is what I like about the job.",
    "{name} sent me a photo of {thing} from {place}.",
    "There is a small bakery in {place} where they still know my name.",
    "This is not a review, only what I think after {n} weeks with {thing}.",
    "An exam is a poor measure of what a person knows, as I wrote in {month}.",
    "Next week I want to {verb}, if the weather lets me.",
    "Someone asked in the comments how I take notes: badly, and with a pencil.",
    "We ended the evening with {thing} and too much cheese.",
)
VERBS = (
    "repaint the kitchen",
    "sort my old lecture notes",
    "bake bread without yeast",
    "mark {n} essays in one go",
    "learn the accordion",
    "plant beans behind the shed",
    "visit my sister in {place}",
    "clean the bicycle chain",
    "write down my grandmother's recipes",
)
THINGS = (
    "the new fountain pen", "a cast-iron pan", "the night train", "a second-hand telescope", "sourdough",
    "the tomato plant", "my old camera", "the folding chair", "a paper calendar", "the wool blanket",
    "the red notebook",
)  # fmt: skip
PRODUCTS = (
    "Desk lamp {c}",
    "Hiking boots {c}",
    "Cotton shirt {c}",
    "Textbook: {n} Solved Exercises in Algebra",
    "Water bottle {n} ml",
    "Office chair {c}",
    "Exam Preparation Physics, volume {n}",
    "Garden hose {n} m",
    "Ceramic mug {c}",
    "Wireless mouse {c}",
    "Question Bank Biology, {n}th edition",
    "Rain jacket {c}",
    "Notebook with {n} pages",
    "Wall clock {c}",
    "Chess set {c}",
    "Travel bag {n} l",
)
COLOURS = ("oak", "navy", "grey", "crimson", "forest", "sand", "ivory", "charcoal", "amber", "teal")
SHOP = (
    "Made of durable materials and tested for {n} hours.",
    "Free delivery on orders over ${n}.",
    "Customers who bought this also looked at {product}.",
    "Order within {n} hours and receive it on {day}.",
    "Includes {n} practice questions, with the answers in a separate booklet (not included).",
    "Rated {star} out of 5 by {n} customers.",
    '"Good value, but the colour is different from the picture," writes {name}.',
    "Dimensions: {n} x {m} cm. Weight: {m}00 g.",
    "Only {m} left in stock.",
    "Return it within {n} days if you are not satisfied.",
    "The perfect gift for students, teachers and everybody who likes to learn.",
    "Price before the sale: ${n}9.99, now ${m}4.99.",
)
SPAM = (
    "Best {k} online, no sign-up.",
    "Get {k} now, limited offer, {n} % off.",
    "{k} {k2} cheap {k} buy {k2} today.",
    "Click here for {k} and {k2}.",
    "Thousands of winners trust our {k}.",
    "Exam answers {k} free download {k2} pdf.",
    "Doctors hate this {k} trick.",
    "Hot deals on {k2}, {k} without prescription.",
    "Solve all your problems with {k}: answers guaranteed.",
    "Win ${n}000 with {k2} tonight.",
)
SPAM_WORDS = (
    "casino bonus", "weight loss pills", "essay writing service", "crypto signals", "replica watches",
    "homework answers", "payday loans", "free spins", "test answer key", "miracle cream", "sports betting",
    "term paper", "quick diet", "luxury handbags",
)  # fmt: skip
TEACHING = (
    "In this chapter we practise {topic}.",
    "The method is always the same, so work slowly and check each line.",
    "Exercises on {topic} come up in almost every exam.",
    "Try each exercise yourself before you read its solution.",
    "A common mistake with {topic} is to hurry through the first step.",
    "Recall the definitions of the last section.",
    "Write down what is given and what is asked.",
    "We return to {topic} in part {n} of the course.",
    "The numbers are chosen so that no calculator is needed for most of the steps.",
    "Exercises with a star are harder.",
    "For {topic} it helps to draw a sketch.",
)
GREETINGS = (
    "Hi all, this is from an old exam and I am stuck.",
    "I am revising {topic} and cannot get any further.",
    "My tutor gave us this one and I have no idea how to begin.",
    "Second post here, please be patient with me.",
    "This is exercise {n} on our sheet about {topic}.",
    "I have been looking at this for {n} minutes.",
    "Not homework, I am learning this on my own after {n} years.",
    "Found this in a collection of problems about {topic}.",
    "Hello everybody, a question on {topic}.",
    "I missed the lecture on {topic} because I was ill in {month}.",
    "My friend {name} and I disagree about this one.",
    "I teach myself {topic} from a book of {n} pages that has no answers.",
)
THANKS = (
    "Thanks in advance!",
    "Any help is welcome.",
    "What am I missing?",
    "I would be glad about every step.",
    "Thank you very much.",
    "A hint would do, but a full answer is better.",
    "Cheers from {place}.",
    "I have to hand it in on {day}.",
    "Thank you, {name} from {place}.",
)
CHATTER = (
    "What have you tried so far?",
    "Please use a better title next time.",
    "+1, I had the same one in {month}.",
    "This was asked in a similar form {n} months ago.",
    "Thanks, that helped a lot!",
    "I do not follow the last step, could you say more?",
    "Nice explanation, {name}.",
    "Are you sure that the numbers are right?",
    "You forgot to say which book this is from.",
    "Moved from the general board by {name}.",
    "Can someone close this?",
    "See also the notes from {place} University.",
    "lol same here",
    "Accepting this, it was the clearest.",
    "My professor in {place} does it in another way.",
    "Bump after {n} days.",
    "Good luck on {day}!",
)
WRONG_REPLIES = (
    "I think it must be {answer}.",
    "I get {answer}, just look at the numbers.",
    "The answer is {answer}, I am fairly sure.",
    "Quick guess without calculating: {answer}.",
    "{answer}. My calculator says so.",
    "Should be {answer}, but I have not checked it.",
)
CONFIRMATIONS = (
    "Same result here.",
    "I did it in the same way.",
    "Checked with a different method and it agrees.",
    "To add to that, in short:",
    "Here is how I would write it down.",
    "Late to this, but for the record:",
)
OFF_TOPIC = (
    "Has anybody else had trouble with the search since {day}?",
    "My cat {name} sat on the keyboard and I lost the whole post.",
    "The meet-up in {place} is moved to {month}.",
    "I will be away for {n} days.",
    "Which chair do you sit on while you study? My back hurts.",
    "Let us welcome {name}, our new moderator.",
    "The server will be down on {day} for about {n} hours.",
    "I finished the marathon in {place}!",
    "What music do you listen to while you calculate?",
    "We now have more than {n}00 members.",
)


def fill(rng: Random, text: str) -> str:
    """Put words into the places of a sentence."""
    if "{" not in text:
        return text
    product = rng.choice(PRODUCTS) if "{product}" in text else ""
    verb = rng.choice(VERBS) if "{verb}" in text else ""
    values = {
        "n": rng.randint(3, 95),
        "m": rng.randint(2, 9),
        "c": rng.choice(COLOURS),
        "day": rng.choice(DAYS),
        "month": rng.choice(MONTHS),
        "name": rng.choice(NAMES),
        "place": rng.choice(PLACES),
        "person": f"{rng.choice(NAMES)} {rng.choice(SURNAMES)}",
        "thing": rng.choice(THINGS),
        "star": f"{rng.randint(1, 4)}.{rng.randint(0, 9)}",
        "k": rng.choice(SPAM_WORDS),
        "k2": rng.choice(SPAM_WORDS),
    }
    values |= {"product": product.format(**values), "verb": verb.format(**values)}
    return text.format(**values)


def sentences(rng: Random, pool: tuple[str, ...], count: int) -> str:
    """So many sentences of a pool, none twice in a row."""
    taken: list[str] = []
    while len(taken) < count:
        taken += rng.sample(pool, min(len(pool), count - len(taken)))
    return " ".join(fill(rng, text) for text in taken)


def on_topic(rng: Random, pool: tuple[str, ...], topic: str) -> str:
    """One sentence of a pool, about the topic."""
    return fill(rng, rng.choice(pool).replace("{topic}", topic))


def headline(rng: Random) -> str:
    """The headline of a news article."""
    body, act = rng.choice(BODIES), rng.choice(ACTS)
    return f"{rng.choice(PLACES)}: {body.removeprefix('the ').removeprefix('a ').capitalize()} {act}"


def news(rng: Random, paragraphs: int) -> list[str]:
    """The paragraphs of a news article."""
    opening = f"{rng.choice(PLACES)} - On {rng.choice(DAYS)} {rng.choice(BODIES)} {rng.choice(ACTS)}."
    texts = [sentences(rng, DETAILS, rng.randint(3, 6)) for _ in range(paragraphs)]
    middle = f"Meanwhile {rng.choice(BODIES)} in {rng.choice(PLACES)} {rng.choice(ACTS)}."
    return [opening + " " + texts[0], *texts[1:-1], middle + " " + texts[-1]]

// The live view of the broker: topics with their last message, the messages as they come, and who is connected.

const MOST_MESSAGES = 200
const topics = new Map() // name: { row, count, last }
const find = (id) => document.getElementById(id)

function element(name, text, kind) {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  if (kind) made.className = kind
  return made
}

const time = (message) => new Date(message.timeMs).toLocaleTimeString()

function tags(message) {
  const said = [`QoS ${message.qos}`, `${message.size} bytes`]
  if (message.retain) said.push('retained')
  if (!message.text) said.push('hexadecimal')
  return said.join(' · ')
}

function show(message) {
  if (message.way === 'in') noteTopic(message.topic, message)
  if (find('pause').checked) return
  const item = element('li', undefined, message.way)
  const head = element('p', undefined, 'head')
  head.append(element('time', time(message)), element('span', message.way === 'in' ? 'published' : 'delivered', 'way'))
  head.append(element('bdi', message.topic, 'topic'), element('span', tags(message), 'tags'))
  item.append(head, element('pre', message.payload))
  const list = find('messages')
  list.prepend(item)
  while (list.children.length > MOST_MESSAGES) list.lastChild.remove()
}

function noteTopic(name, message, count) {
  const body = find('topics').tBodies[0]
  let known = topics.get(name)
  if (!known) {
    const row = element('tr')
    row.append(element('td'), element('td', '', 'number'), element('td'))
    row.cells[0].append(element('bdi', name, 'topic'))
    known = { row, count: 0 }
    topics.set(name, known)
    find('no-topics').hidden = true
  }
  known.count = count ?? known.count + 1
  known.row.cells[1].textContent = String(known.count)
  known.row.cells[2].replaceChildren(element('time', time(message)), element('code', message.payload.slice(0, 160)))
  body.prepend(known.row)
  filter(known.row, name)
}

function filter(row, name) {
  row.hidden = !name.toLowerCase().includes(find('filter').value.trim().toLowerCase())
}

function showClients(clients) {
  find('no-clients').hidden = clients.length > 0
  const versions = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5' }
  find('clients').replaceChildren(
    ...clients.map((one) => {
      const item = element('li')
      item.append(element('bdi', one.clientId || '(no client identifier)', 'topic'))
      item.append(element('span', `${one.username ?? 'no user name'} · ${versions[one.level] ?? one.level}`, 'tags'))
      return item
    }),
  )
}

function listen(after) {
  const events = new EventSource(`/live?after=${after}`)
  events.onopen = () => (find('state').textContent = 'Live')
  events.onerror = () => (find('state').textContent = 'The broker is not there; trying again…')
  events.onmessage = (event) => show(JSON.parse(event.data))
  events.addEventListener('clients', (event) => showClients(JSON.parse(event.data)))
}

async function begin() {
  const [found, messages] = await Promise.all(
    ['/topics', '/messages'].map((path) => fetch(path).then((answer) => answer.json())),
  )
  messages.forEach(show)
  for (const topic of found.topics.reverse()) if (topic.last) noteTopic(topic.name, topic.last, topic.count)
  showClients(found.clients)
  listen(messages.at(-1)?.number ?? 0)
}

find('filter').addEventListener('input', () => topics.forEach((known, name) => filter(known.row, name)))
begin()
